/**
 * Little-endian IEEE half floats to float32. `Float16Array` is missing in many browsers still in use, so the
 * 65,536 possible values are tabulated once (1 ms) and looked up.
 */
export function decodeFloat16(bytes: ArrayBuffer): Float32Array {
  const table = float16Table();
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const length = bytes.byteLength >> 1;
  const values = new Float32Array(length);
  if (isLittleEndian) {
    const halves = new Uint16Array(bytes, 0, length);
    for (let i = 0; i < length; i++) values[i] = table[halves[i]!]!;
  } else {
    const view = new DataView(bytes);
    for (let i = 0; i < length; i++) values[i] = table[view.getUint16(2 * i, true)]!;
  }
  return values;
}

let cachedTable: Float32Array | null = null;

function float16Table(): Float32Array {
  if (cachedTable) return cachedTable;
  const table = new Float32Array(65_536);
  for (let half = 0; half < 65_536; half++) table[half] = halfToNumber(half);
  cachedTable = table;
  return table;
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
