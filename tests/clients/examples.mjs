// Clients of the examples, which tests/live/examples.c boots and lets it use:
//
//     node examples.mjs secure URL WSS_URL CA SEED     examples/secure: who may do what, over TLS and WebSocket with TLS
//     node examples.mjs mqtt URL MQTT_URL              examples/mqtt: what a device says is in the stream
//
// It prints "ok" at the end; anything that is not as it should be is an exception. NATSFORM_CLIENTS is where node_modules is.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect as connectSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PATIENCE_MS, withPatience } from "./patience.mjs";

const require = createRequire(`${process.env.NATSFORM_CLIENTS}/package.json`);
const { connect: connectOnce, nkeyAuthenticator } = require("@nats-io/transport-node");
const { jetstream, jetstreamManager } = require("@nats-io/jetstream");

const [mode, url, ...rest] = process.argv.slice(2);
const options = { servers: url, reconnect: false };
const patient = { timeout: PATIENCE_MS };
const connect = (how) => withPatience((timeout) => connectOnce({ ...how, timeout }));

async function useSecure(wssUrl, caFile, seedFile) {
    const seed = new TextEncoder().encode((await readFile(seedFile, "utf8")).trim());
    const tls = { caFile };

    const deployer = await connect({ ...options, tls, authenticator: nkeyAuthenticator(seed) });
    await jetstream(deployer, patient).publish("orders.1", "first");

    const reader = await connect({ ...options, tls, user: "reader", pass: "reads-only" });
    const jsm = await jetstreamManager(reader, patient);
    assert.equal((await jsm.streams.getMessage("ORDERS", { seq: 1 })).string(), "first");
    await assert.rejects(jetstream(reader, patient).publish("orders.2", "second"), /permissions violation/i);
    await assert.rejects(jsm.streams.delete("ORDERS"), /permissions violation/i);
    await reader.close();

    // The system account sees the server and none of the streams.
    const admin = await connect({ ...options, tls, user: "admin", pass: "for development only" });
    const reply = JSON.parse((await admin.request("$SYS.REQ.SERVER.PING", "", patient)).string());
    assert.equal(reply.server.name, "dev");
    await admin.close();

    await assert.rejects(connect({ ...options, tls, user: "reader", pass: "wrong" }), /authorization violation/i);
    await assert.rejects(connect({ ...options, tls }), /authorization violation/i);
    await assert.rejects(connect({ ...options, user: "reader", pass: "reads-only" }), /certificate/i);

    // The WebSocket shows the same certificate: it is good for localhost.
    const { port } = new URL(wssUrl);
    const ca = await readFile(caFile);
    const shakeHands = () =>
        new Promise((resolve, reject) => {
            const socket = connectTls({ host: "127.0.0.1", port, ca, servername: "localhost" }, () => resolve(socket.destroy()));
            socket.on("error", reject);
        });
    await withPatience(shakeHands);
    await deployer.close();
}

// MQTT 3.1.1 by hand: CONNECT, PUBLISH with QoS 1, and the answers to them.
function text(words) {
    const bytes = Buffer.from(words);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

function packet(type, ...parts) {
    const body = Buffer.concat(parts);
    assert(body.length < 128);
    return Buffer.concat([Buffer.from([type, body.length]), body]);
}

async function useMqtt(mqttUrl) {
    const { hostname, port } = new URL(mqttUrl.replace("mqtt:", "http:"));
    const socket = connectSocket({ host: hostname, port });
    const answers = socket[Symbol.asyncIterator]();
    socket.write(packet(0x10, text("MQTT"), Buffer.from([4, 2, 0, 60]), text("device")));
    assert.deepEqual([...(await answers.next()).value], [0x20, 2, 0, 0]);
    socket.write(packet(0x32, text("sensors/kitchen/smoke"), Buffer.from([0, 7]), Buffer.from("0.02")));
    assert.deepEqual([...(await answers.next()).value], [0x40, 2, 0, 7]);
    socket.destroy();

    const nc = await connect(options);
    const alarm = await (await jetstream(nc, patient).consumers.get("SENSORS", "alarms")).next({ expires: PATIENCE_MS });
    assert.equal(alarm.subject, "sensors.kitchen.smoke");
    assert.equal(alarm.string(), "0.02");
    await alarm.ackAck();
    await nc.close();
}

await { secure: useSecure, mqtt: useMqtt }[mode](...rest);
console.log("ok");
process.exit(0);
