/** Discord ids as decimal strings: order, age, and nonces for new messages. */

// Discord's epoch, 2015-01-01T00:00:00Z, in milliseconds.
const EPOCH_MS = 1_420_070_400_000n;

/** Sort two ids by age; pending local ids sort last. */
export function compareIds(one, other) {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : Number(one > other);
}

/** A new nonce: the id a message sent now might get. */
export function newNonce() {
  const noise = BigInt(Math.floor(Math.random() * 2 ** 22));
  return String(((BigInt(Date.now()) - EPOCH_MS) << 22n) | noise);
}
