/** The tags of a station as they are stored: without blanks at the ends, each once; none, and the member is absent. */
export function storedTags(tags: readonly string[] = []): { readonly tags?: string[] } {
  const distinct = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ""))];
  return distinct.length > 0 ? { tags: distinct } : {};
}
