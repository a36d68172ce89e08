/** How loud a sound is over its time, drawn before anybody hears it: nothing startles whoever can see it coming. */

const RATE_HZ = 8_000;

/** The loudest sample of each of `count` equal spans, 0 … 1. */
export function loudness(samples: Float32Array, count: number): number[] {
  const found = new Array<number>(count).fill(0);
  for (let at = 0; at < samples.length; at++) {
    const span = Math.min(count - 1, Math.floor((at * count) / samples.length));
    found[span] = Math.max(found[span] ?? 0, Math.abs(samples[at] ?? 0));
  }
  return found.map((level) => Math.min(1, level));
}

/** Draws it once, when the part that holds the sound is opened. */
export function startWave(part: HTMLDetailsElement): void {
  const draw = async (): Promise<void> => {
    const sound = part.querySelector("audio");
    const canvas = part.querySelector("canvas");
    const pen = canvas?.getContext("2d");
    if (!part.open || !sound || !canvas || !pen) return;
    part.removeEventListener("toggle", draw);
    try {
      const answer = await fetch(sound.src);
      if (!answer.ok) throw new Error(String(answer.status));
      const decoded = await new OfflineAudioContext(1, 1, RATE_HZ).decodeAudioData(await answer.arrayBuffer());
      pen.fillStyle = getComputedStyle(canvas).color;
      loudness(decoded.getChannelData(0), canvas.width / 2).forEach((level, at) => {
        const height = Math.max(1, level * canvas.height);
        pen.fillRect(at * 2, (canvas.height - height) / 2, 1, height);
      });
    } catch {
      canvas.hidden = true;
    }
  };
  part.addEventListener("toggle", draw);
}
