// Buckets as applications have them, through the official clients. tests/live/clients.c runs it:
//
//     node buckets.mjs use URL KEY_VALUES OBJECT_STORES     uses buckets that are there, each in every way
//     node buckets.mjs make URL VERSION                     makes buckets with every option of the clients
//     node buckets.mjs read URL KEY VALUE BUCKETS           waits for a value in each; puts one through mirrors
//     node buckets.mjs update URL BUCKET                    updates a key, which has no history, and puts others
//     node buckets.mjs again URL BUCKET MIRROR              creates a key, removes it without a trace, creates it again
//     node buckets.mjs mirrored URL MIRROR ORIGIN KEY VALUE waits for a value that the mirror itself holds
//
// Names are separated by commas; what is put into the origin comes out of "copy<origin", which has it as a source, and is in
// "mirror=origin". It prints "ok" at the end; anything that is not as it should be is an exception. NATSFORM_CLIENTS is
// where node_modules is.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { PATIENCE_MS } from "./patience.mjs";

const require = createRequire(`${process.env.NATSFORM_CLIENTS}/package.json`);
const { connect } = require("@nats-io/transport-node");
const { jetstreamManager } = require("@nats-io/jetstream");
const { Kvm } = require("@nats-io/kv");
const { Objm } = require("@nats-io/obj");

const [mode, url, ...rest] = process.argv.slice(2);
const nc = await connect({ servers: url, timeout: PATIENCE_MS });

// Replication takes its time: what is not there yet is asked for again.
async function eventually(what, get) {
    for (const start = Date.now(); Date.now() - start < PATIENCE_MS; ) {
        const found = await get();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${what} did not come`);
}

async function watchFor(kv, key, operation) {
    const watch = await kv.watch({ key });
    for await (const entry of watch)
        if (entry.operation === operation) return entry;
    throw new Error(`the watch of ${key} ended`);
}

async function useKeyValue(name) {
    const kv = await new Kvm(nc).open(name);
    const status = await kv.status();
    const first = await kv.create("orders.1", "one");
    assert.equal((await kv.get("orders.1")).string(), "one");
    await assert.rejects(kv.create("orders.1", "again"));
    await kv.update("orders.1", "two", first);
    await assert.rejects(kv.update("orders.1", "three", first));
    assert.equal((await watchFor(kv, "orders.>", "PUT")).string(), "two");
    const values = [];
    for await (const entry of await kv.history({ key: "orders.1" })) values.push(entry.string());
    assert.deepEqual(values, status.history > 1 ? ["one", "two"] : ["two"]);
    await kv.put("orders.2", "kept");
    const keys = [];
    for await (const key of await kv.keys()) keys.push(key);
    assert.deepEqual(keys.sort(), ["orders.1", "orders.2"]);
    const deleted = watchFor(kv, "orders.1", "DEL");
    await kv.delete("orders.1");
    await deleted;
    assert.equal((await kv.get("orders.1")).operation, "DEL");
    await kv.purge("orders.1");
    assert.equal((await kv.get("orders.1")).operation, "PURGE");
    await kv.purgeDeletes(0);
    assert.equal(await kv.get("orders.1"), null);
    if (status.max_value_size > 0 && status.max_value_size < 100000)
        await assert.rejects(kv.put("large", new Uint8Array(status.max_value_size + 1)));
}

async function useCopy(name, origin) {
    const [copy, from] = await Promise.all([new Kvm(nc).open(name), new Kvm(nc).open(origin)]);
    await from.put("copied", name);
    await eventually(`what was put into ${origin} in ${name}`,
                     async () => (await copy.get("copied"))?.string() === name);
}

// A mirror in the same account helps its origin to answer; what it holds itself is under the origin's keys.
async function mirrored(name, origin, key, value) {
    const mirror = await new Kvm(nc).open(name);
    const { streams } = await jetstreamManager(nc);
    const { streamInfo } = await mirror.status();
    await eventually(`${key} of ${origin} in ${name}`, () =>
        streams.getMessage(streamInfo.config.name, { last_by_subj: `$KV.${origin}.${key}` })
            .then((message) => message?.string() === value, () => false));
}

async function useMirror(name, origin) {
    await (await new Kvm(nc).open(origin)).put("mirrored", name);
    await mirrored(name, origin, "mirrored", name);
}

// What comes after the update is in the mirror only if the update is.
async function update(name) {
    const kv = await new Kvm(nc).open(name);
    await kv.update("updated", "two", await kv.create("updated", "one"));
    await kv.put("next", "three");
    await kv.put("last", "four");
}

// A mirror keeps what was purged from its origin.
async function again(name, mirror) {
    const kv = await new Kvm(nc).open(name);
    await kv.create("again", "one");
    await mirrored(mirror, name, "again", "one");
    const { streams } = await jetstreamManager(nc);
    await streams.purge(`KV_${name}`, { filter: `$KV.${name}.again` });
    await kv.create("again", "two");
}

async function useObjectStore(name) {
    const store = await new Objm(nc).open(name);
    const large = new Uint8Array(300000).map((_, i) => i % 251);
    await store.putBlob({ name: "a/large", description: "more than one chunk" }, large);
    await store.putBlob({ name: "small" }, new TextEncoder().encode("hello"));
    assert.deepEqual(await store.getBlob("a/large"), large);
    await store.putBlob({ name: "small" }, new TextEncoder().encode("hello again"));
    assert.equal(new TextDecoder().decode(await store.getBlob("small")), "hello again");
    assert.deepEqual((await store.list()).map((info) => info.name).sort(), ["a/large", "small"]);
    assert.equal((await store.info("a/large")).size, large.length);
    assert.equal((await store.delete("a/large")).success, true);
    assert.equal(await store.get("a/large"), null);
}

async function use(keyValues, objectStores) {
    for (const name of keyValues.split(",").filter(Boolean)) {
        const [copy, sign, origin] = name.split(/([<=])/);
        await (sign === "<" ? useCopy(copy, origin) : sign === "=" ? useMirror(copy, origin) : useKeyValue(name));
    }
    for (const name of objectStores.split(",").filter(Boolean)) await useObjectStore(name);
}

async function make(version) {
    const [major, minor] = version.split(".").map(Number);
    const since = (wanted) => major > 2 || minor >= wanted;
    const kvm = new Kvm(nc);
    const objm = new Objm(nc);
    await kvm.create("plain");
    await kvm.create("full", {
        history: 5,
        ttl: 3600000,
        max_bytes: 10485760,
        maxValueSize: 65536,
        storage: "memory",
        description: "by the client",
        replicas: 1,
        republish: { src: "$KV.full.news", dest: "news.full" },
        ...(since(10) && { compression: true, metadata: { owner: "client" } }),
        ...(since(11) && { markerTTL: 60000 }),
    });
    await kvm.create("short", { ttl: 30000 });
    await kvm.create("origin");
    await kvm.create("mirrored", { mirror: { name: "origin" } });
    if (since(10)) await kvm.create("sourced", { sources: [{ name: "plain" }, { name: "KV_short" }] });
    await objm.create("plain");
    await objm.create("full", {
        ttl: 86400000000000, // this one is in nanoseconds
        max_bytes: 10485760,
        storage: "memory",
        description: "by the client",
        replicas: 1,
        ...(since(10) && { compression: true, metadata: { owner: "client" } }),
    });
    const sealed = await objm.create("sealed");
    await sealed.putBlob({ name: "kept" }, new TextEncoder().encode("for good"));
    await sealed.seal();
}

// What is in an origin elsewhere is read through the copies, and what is put into a mirror of it goes there and comes back.
async function read(key, value, names) {
    for (const [name, origin] of names.split(",").map((word) => word.split("="))) {
        const kv = await new Kvm(nc).create(name); // it is there; open() alone would not look what it mirrors
        await eventually(`${key} in ${name}`, async () => (await kv.get(key))?.string() === value);
        if (!origin) continue;
        await kv.put("through", name);
        await eventually(`what was put through ${name}`, async () => (await kv.get("through"))?.string() === name);
    }
}

await { use, make, read, update, again, mirrored }[mode](...rest);
await nc.close();
console.log("ok");
