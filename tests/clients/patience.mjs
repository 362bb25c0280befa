// The one deadline of whatever waits: a little shorter than PATIENCE_MS of tests/support/patience.h, at which this process is
// killed, so that it can say what did not come.
export const PATIENCE_MS = 280000;
