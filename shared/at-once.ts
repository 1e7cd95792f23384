/** Does the same with each of many, so many at once; in the order of the input. */
export async function atOnce<In, Out>(
  most: number,
  inputs: readonly In[],
  work: (input: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  const entries = inputs.entries();
  const worker = async () => {
    for (const [place, input] of entries) results[place] = await work(input);
  };
  await Promise.all(Array.from({ length: Math.min(most, inputs.length) }, worker));
  return results;
}
