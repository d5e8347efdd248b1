// Six whole numbers that always add up to 100: what one gains the others give, first those that nobody has set yet.

// Spread `total` over shares in proportion to `weights` (equally where they are all 0), in whole numbers.
export function spread(total, weights) {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((one) => (sum > 0 ? (total * one) / sum : total / weights.length));
  const whole = exact.map(Math.floor);
  const order = exact.map((one, i) => [one - whole[i], i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const left = total - whole.reduce((a, b) => a + b, 0);
  for (let k = 0; k < left; k += 1) whole[order[k][1]] += 1;
  return whole;
}

// Set number `index` to `value`. `touched` are the numbers set before, the latest last; they give way last, and the
// one set longest ago first. Returns the new numbers; `shares` stays as it is.
export function moved(shares, index, value, touched) {
  const next = [...shares];
  next[index] = Math.min(100, Math.max(0, Math.round(value) || 0));
  const others = shares.map((_, i) => i).filter((i) => i !== index);
  const free = others.filter((i) => !touched.includes(i));
  const held = touched.filter((i) => i !== index);
  let rest = 100 - next[index] - held.reduce((sum, i) => sum + shares[i], 0); // for those nobody has set
  for (const i of held) { // too little: those set before give, the earliest first; too much and nobody else: it takes
    if (rest < 0) {
      const given = Math.min(next[i], -rest);
      next[i] -= given;
      rest += given;
    } else if (!free.length) {
      next[i] += rest;
      rest = 0;
    }
  }
  const split = spread(Math.max(rest, 0), free.map((i) => shares[i]));
  free.forEach((i, k) => { next[i] = split[k]; });
  return next;
}
