/**
 * Bytes of lower-case hex text. The module travels as hex: brotli packs it almost as well as the bytes themselves, and
 * much better than base64.
 */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  // "0" is 48 and "a" is 97: the low four bits, and nine more for a letter.
  const digit = (at: number) => {
    const code = hex.charCodeAt(at);
    return (code & 15) + (code >> 6) * 9;
  };
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digit(2 * i) * 16 + digit(2 * i + 1);
  return bytes;
}
