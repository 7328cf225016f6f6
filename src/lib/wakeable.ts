/** Work that is done again whenever somebody says that there is some: never two at once, no call to `wake` lost. */
export type Wakeable = {
  wake(): void;
  /** Starts nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
};

/** `failed` hears what `work` rejects with; the next `wake` tries again. */
export function createWakeable(work: () => Promise<void>, failed: (error: unknown) => void): Wakeable {
  let running: Promise<void> | null = null;
  let isAskedAgain = false;
  let isStopped = false;

  const run = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await work().catch(failed);
    } while (isAskedAgain && !isStopped);
    running = null;
  };

  return {
    wake() {
      if (isStopped) return;
      if (running) isAskedAgain = true;
      else running = run();
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
