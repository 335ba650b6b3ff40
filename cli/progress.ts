// One line on stderr that says what is being done, on a terminal only; cleared when the work is over.

export type Progress = { step(text: string): void; done(): void };

export function showProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { step: () => {}, done: () => {} };
  const started = performance.now();
  let current = '';
  const draw = () => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    stream.write(`\r\u001b[K${`${seconds} s  ${current}`.slice(0, (stream.columns || 80) - 1)}`);
  };
  const timer = setInterval(draw, 200);
  timer.unref();
  return {
    step(text) {
      current = text;
      draw();
    },
    done() {
      clearInterval(timer);
      stream.write('\r\u001b[K');
    },
  };
}
