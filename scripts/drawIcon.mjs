/** Draws `media/icon.png`: a staircase of steps down a valley, and the ball that takes them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { root } from './tools.mjs';

const size = 256;
/** Samples along each side of a pixel. */
const samples = 4;

const top = [32, 58, 97];
const bottom = [17, 29, 50];
const stairs = [77, 170, 252];
const trail = [137, 209, 133];
const ball = [255, 255, 255];

const corner = 52;
const stroke = 7;
/** The staircase's corners: each step is half as high and as wide as the ground still to cover allows. */
const steps = [
  [40, 66],
  [78, 66],
  [78, 122],
  [118, 122],
  [118, 162],
  [160, 162],
  [160, 188],
  [216, 188],
];
const balls = [
  { x: 59, y: 48, radius: 8, color: trail },
  { x: 98, y: 104, radius: 8, color: trail },
  { x: 139, y: 144, radius: 8, color: trail },
  { x: 190, y: 160, radius: 17, color: ball },
];

function insideCard(x, y) {
  const dx = Math.max(corner - x, 0, x - (size - corner));
  const dy = Math.max(corner - y, 0, y - (size - corner));
  return Math.hypot(dx, dy) <= corner;
}

function distanceToSegment(x, y, [ax, ay], [bx, by]) {
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

/** Red, green, blue and coverage at a point. */
function colorAt(x, y) {
  if (!insideCard(x, y)) return [0, 0, 0, 0];
  const hit = balls.find((one) => Math.hypot(x - one.x, y - one.y) <= one.radius);
  if (hit) return [...hit.color, 1];
  if (steps.slice(1).some((end, index) => distanceToSegment(x, y, steps[index], end) <= stroke)) return [...stairs, 1];
  return [...top.map((value, index) => value + (bottom[index] - value) * (y / size)), 1];
}

const data = new Uint8Array(size * size * 4);
for (let row = 0; row < size; row++) {
  for (let column = 0; column < size; column++) {
    const sum = [0, 0, 0, 0];
    for (let sample = 0; sample < samples * samples; sample++) {
      const x = column + ((sample % samples) + 0.5) / samples;
      const y = row + (Math.floor(sample / samples) + 0.5) / samples;
      const [red, green, blue, coverage] = colorAt(x, y);
      [red * coverage, green * coverage, blue * coverage, coverage].forEach((value, index) => (sum[index] += value));
    }
    const coverage = Math.max(sum[3], Number.EPSILON);
    const pixel = [...sum.slice(0, 3).map((value) => value / coverage), (sum[3] / samples ** 2) * 255];
    data.set(
      pixel.map((value) => Math.round(value)),
      (row * size + column) * 4,
    );
  }
}
writeFileSync(join(root, 'media', 'icon.png'), encode({ width: size, height: size, data, channels: 4, depth: 8 }));
