// The page of examples/chat in a real browser: Debian's Chromium, without a window. tests/live/examples.c runs it:
//
//     node page.mjs FOLDER URL WS_URL     serves FOLDER, opens its page with the server at WS_URL, and talks to it by URL
//
// The page has to show what is stored and what is said on `otp-updates`, and to store what is typed. It prints "ok" at the end;
// anything that is not as it should be, an error on the page's console included, is an exception. NATSFORM_CLIENTS is where
// node_modules is, CHROMIUM the browser.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { PATIENCE_MS } from "./patience.mjs";

const require = createRequire(`${process.env.NATSFORM_CLIENTS}/package.json`);
const { chromium } = require("playwright-core");
const { connect } = require("@nats-io/transport-node");
const { jetstream, jetstreamManager } = require("@nats-io/jetstream");

const [folder, url, wsUrl] = process.argv.slice(2);
const types = { ".html": "text/html", ".js": "text/javascript" };

const files = createServer(async (request, response) => {
    const name = new URL(request.url, "http://x").pathname.replace(/^\/$/, "/index.html");
    try {
        const text = await readFile(join(folder, name));
        response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" }).end(text);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((resolve) => files.listen(0, "127.0.0.1", resolve));

const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    chromiumSandbox: false,
    timeout: PATIENCE_MS,
    args: [
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
});
const nc = await connect({ servers: url, timeout: PATIENCE_MS });
try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
    });
    const sockets = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));

    await page.goto(`http://127.0.0.1:${files.address().port}/?nats=${encodeURIComponent(wsUrl)}`);
    await page.locator("#state", { hasText: /^connected to / }).waitFor();
    assert.deepEqual(sockets.map((socket) => socket.replace(/\/$/, "")), [wsUrl]);

    // What others store, with a text that must not become HTML.
    const js = jetstream(nc, { timeout: PATIENCE_MS });
    const odd = "<b>bold</b> & \u{1f642}";
    await js.publish("chat.lobby", JSON.stringify({ from: "test", text: odd }));
    await page.locator("#messages li", { hasText: `test: ${odd}` }).waitFor();

    // What others say.
    nc.publish("otp-updates", JSON.stringify({ user: "ada", code: "271828" }));
    await page.locator("#otp", { hasText: "271828" }).waitFor();

    // What is typed: the page has the acknowledgement, shows the message, and it is in the stream.
    await page.fill("#text", "Hello from Chromium");
    await page.click("button");
    await page.locator("#ack", { hasText: /^Stored in CHAT as message \d+\.$/ }).waitFor();
    await page.locator("#messages li", { hasText: "browser: Hello from Chromium" }).waitFor();
    const sequence = Number((await page.textContent("#ack")).match(/message (\d+)/)[1]);
    const stored = await (await jetstreamManager(nc)).streams.getMessage("CHAT", { seq: sequence });
    assert.deepEqual(stored.json(), { from: "browser", text: "Hello from Chromium" });
    assert.equal(stored.subject, "chat.lobby");

    assert.deepEqual(complaints, []);
    console.log("ok");
} finally {
    await nc.close();
    await browser.close();
    files.close();
    await rm(profile, { recursive: true, force: true });
}
