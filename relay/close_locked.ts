/**
 * How a file with the system's lock on it is closed, so that the next may have it at once. Who takes the lock, and what it
 * means, is the file's owner's.
 *
 * @module
 */

/**
 * Gives back the lock, if there is one, and closes. Closing alone may be too late: a program that another thread is just
 * starting has the file as well, until it begins.
 */
export function closeLocked(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch (error) {
    if (!(error instanceof Error)) throw error; // a file system without locks has none to give back
  } finally {
    file.close();
  }
}
