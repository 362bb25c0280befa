// A client of the chat service: says and hears a one-time password, stores a message with an acknowledgement, and works off what
// is stored through the durable consumer `processor`, which natsform has made from the manifest.
//
//     npm run client                          nats://127.0.0.1:4222, where `natsform up` has put the server
//     NATS_URL=nats://… npm run client        another one
import { randomUUID } from "node:crypto";
import { connect } from "@nats-io/transport-node";
import { AckPolicy, jetstream } from "@nats-io/jetstream";

interface Otp {
  user: string;
  code: string;
}

interface Message {
  from: string;
  text: string;
}

const nc = await connect({
  servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222",
  name: "chat-client",
});
console.log(`connected to ${nc.getServer()}`);

// Core NATS: whoever listens right now hears it, and nobody keeps it.
const updates = nc.subscribe("otp-updates", { max: 1 });
const heard = (async () => {
  for await (const msg of updates) return msg.json<Otp>();
})();
await nc.flush(); // the server knows of the subscription
nc.publish("otp-updates", JSON.stringify({ user: "ada", code: "493021" } satisfies Otp));
const otp = await heard;
console.log(`otp-updates: ${otp?.code} for ${otp?.user}`);

// JetStream: once the acknowledgement is here, the message is on disk. The same msgID a second time is stored once.
const js = jetstream(nc);
const words: Message = { from: "ada", text: "Hello from Node.js" };
const ack = await js.publish("chat.lobby", JSON.stringify(words), { msgID: randomUUID() });
console.log(`stored in ${ack.stream} as message ${ack.seq}`);

// A durable pull consumer: the server remembers what is done, and gives out again what is not acknowledged in time.
const processor = await js.consumers.get("CHAT", "processor");
const info = await processor.info();
if (info.config.ack_policy !== AckPolicy.Explicit) throw new Error("processor wants no acknowledgements");
for await (const msg of await processor.consume({ max_messages: 100 })) {
  console.log(`processor: ${msg.seq} ${msg.subject} ${msg.string()}`);
  await msg.ackAck(); // waits until the server knows; msg.ack() does not
  if (msg.info.pending === 0) break;
}

await nc.drain();
