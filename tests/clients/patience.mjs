// The one deadline of whatever waits: a little shorter than PATIENCE_MS of tests/support/patience.h, at which this process is
// killed, so that it can say what did not come.
export const PATIENCE_MS = 280000;

// Servers give a client two seconds for its TLS handshake and little more to log in. A process that gets no processor for that
// long is cut off, which it may see as an error or never: it asks again. Nothing else is asked for twice.
const ATTEMPT_MS = 20000;

function isCutOff(error) {
    const causes = [error, error.cause].filter(Boolean);
    return causes.some((cause) => ["EPIPE", "ECONNRESET"].includes(cause.code) || /timeout/i.test(cause.message));
}

// What `open` gives, or how it fails; it has ATTEMPT_MS each time.
export async function withPatience(open) {
    for (const end = Date.now() + PATIENCE_MS; ; )
        try {
            return await open(ATTEMPT_MS);
        } catch (error) {
            if (!isCutOff(error) || Date.now() > end) throw error;
        }
}
