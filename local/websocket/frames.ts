/**
 * Follows a client's WebSocket frames by their headers alone (RFC 6455 §5.2), because `ws` knows a limit for
 * messages and none for frames. Returns what is to be called with each chunk the socket receives.
 */
export function watchFrames(maxBytes: number, onTooLarge: () => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(14);
  let known = 0;
  let payloadLeft = 0;
  let ended = false;

  return (chunk) => {
    let at = 0;
    while (at < chunk.length && !ended) {
      if (payloadLeft > 0) {
        const step = Math.min(payloadLeft, chunk.length - at);
        payloadLeft -= step;
        at += step;
        continue;
      }
      header[known] = chunk[at] ?? 0;
      known += 1;
      at += 1;
      const length = payloadLength(header, known);
      if (length === undefined) continue;
      known = 0;
      payloadLeft = length;
      if (length > maxBytes) {
        ended = true;
        onTooLarge();
      }
    }
  };
}

/** Undefined until the header is complete. */
function payloadLength(header: Buffer, known: number): number | undefined {
  if (known < 2) return undefined;
  const second = header[1] ?? 0;
  const short = second & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  if (known < 2 + extra + mask) return undefined;
  if (extra === 2) return header.readUInt16BE(2);
  return extra === 8 ? Number(header.readBigUInt64BE(2)) : short;
}
