/** A description of the document: paragraphs, with `code` between backticks. */
export function Words({ text }: { readonly text: string }) {
  const pieces = text.split("`");
  return (
    <>
      {pieces.map((piece, place) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change its order
        place % 2 === 1 ? <code key={place}>{piece}</code> : <span key={place}>{piece}</span>,
      )}
    </>
  );
}
