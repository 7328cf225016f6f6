/** One `answer` at a time in this process; wake-ups during it call it once more, however many they were. */
export type Answering = {
  wake(): void;
  /** An answer runs now. */
  readonly busy: boolean;
  /** Resolves when no answer runs. */
  idle(): Promise<void>;
  /** Wakes no more; resolves when the running answer has ended. */
  stop(): Promise<void>;
};

export function createAnswering(answer: () => Promise<void>, onError: (error: unknown) => void): Answering {
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    do {
      again = false;
      try {
        await answer();
      } catch (error) {
        onError(error);
      }
    } while (again && !stopped);
  }

  return {
    wake() {
      if (stopped) return;
      again = true;
      running ??= run().finally(() => {
        running = null;
      });
    },
    get busy() {
      return running !== null;
    },
    async idle() {
      await running;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
