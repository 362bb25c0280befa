// The chat in a browser: NATS over WebSocket, without anything in between. It shows all that is stored in CHAT and what is said on
// `otp-updates`, and stores what is typed. `npm run web` serves it.
//
//     ?nats=ws://host:port     another server than the one of `natsform up`, ws://localhost:8080
import { jetstream } from "@nats-io/jetstream";
import { wsconnect } from "@nats-io/nats-core";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const show = (id: string, text: string) => (element(id).textContent = text);

const servers = new URLSearchParams(location.search).get("nats") ?? "ws://localhost:8080";
const nc = await wsconnect({ servers, name: "chat-page" }).catch((error: Error) => {
  show("state", `${servers} cannot be reached: ${error.message}`);
  throw error;
});
nc.closed().then(() => show("state", "closed"));
const js = jetstream(nc);

// A consumer of this page's own, without a name: every page sees every message, in order, and owes no acknowledgement. Work
// that is to be done once goes through `processor`, as in ../client/main.ts.
async function showMessages() {
  const consumer = await js.consumers.get("CHAT", { filter_subjects: "chat.>" });
  for await (const msg of await consumer.consume()) {
    const { from, text } = msg.json<{ from: string; text: string }>();
    const item = document.createElement("li");
    item.textContent = `${from}: ${text}`; // text, never HTML: others have written it
    element("messages").append(item);
  }
}

async function showPasswords() {
  for await (const msg of nc.subscribe("otp-updates")) show("otp", msg.json<{ code: string }>().code);
}

element<HTMLFormElement>("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = element<HTMLInputElement>("text");
  const words = { from: "browser", text: input.value };
  input.value = "";
  try {
    const ack = await js.publish("chat.lobby", JSON.stringify(words));
    show("ack", `Stored in ${ack.stream} as message ${ack.seq}.`);
  } catch (error) {
    show("ack", `Not stored: ${(error as Error).message}`);
  }
});

void showMessages();
void showPasswords();
await nc.flush();
show("state", `connected to ${nc.getServer()}`);
