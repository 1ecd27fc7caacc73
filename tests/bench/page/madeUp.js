// What is drawn is made up, alike for both ways: noise gives ragged masks, and no object's mask is as ragged.

/** The photograph's (height, width), to which the official graph brings its masks. */
export const ORIGINAL_SIZE = [1500, 2250];

const RADIUS = 0.15;

/** Logits that are positive in a disc in the middle, as large as an object usually is. */
export function disc(height, width) {
  const radius = RADIUS * Math.min(height, width);
  const logits = new Float32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) logits[y * width + x] = radius - Math.hypot(y - height / 2, x - width / 2);
  return logits;
}
