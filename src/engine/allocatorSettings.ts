/** Larger than any tensor: 4 GiB. */
const never = String(2 ** 32);

/**
 * What glibc's allocator is told when the child starts (mallopt(3)); others don't know the names. Every iteration makes
 * the parameters anew. Large blocks would come from the system and go back to it each time, page by page: kept, an
 * iteration of ten million parameters takes two thirds of the time, for a tenth more memory (`npm run bench -- growth`).
 */
export const allocatorSettings: Readonly<NodeJS.ProcessEnv> = {
  MALLOC_MMAP_THRESHOLD_: never,
  MALLOC_TRIM_THRESHOLD_: never,
};
