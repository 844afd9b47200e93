// How a reader of broken files tells what it could not read, and goes on.

/** Told one sentence without a subject's name for each thing that could not be read. Answers nothing, so a reader can return it. */
export type ProblemSink = (sentence: string) => undefined;
