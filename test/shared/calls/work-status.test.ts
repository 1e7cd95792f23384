import { describe, expect, it } from "vitest";
import { inOrder, statusOfWork } from "../../../shared/calls/work-status.ts";

const HOUR = 3_600_000;
const history = (...words: readonly string[]) => words.map((status, n) => ({ status, atMs: n }));

describe("statusOfWork", () => {
  it.each([
    ["the answer before any notification", [], "Rejected", 0, "Rejected"],
    ["the last word", ["Downloading", "Downloaded"], "Accepted", 0, "Downloaded"],
    ["a notification that comes before the answer", ["Downloading"], "Pending", 0, "Downloading"],
    ["a success that a late word follows", ["Installed", "Installing"], "Accepted", 0, "Installed"],
    ["a success after a failure", ["DownloadFailed", "Downloading", "Installed"], "Accepted", 0, "Installed"],
    ["a success before a failure", ["Uploaded", "UploadFailed"], "Accepted", 0, "Uploaded"],
    ["a failure that a late word follows", ["UploadFailure", "Uploading"], "Accepted", 0, "UploadFailure"],
    ["the vendor's own word", ["Flashing"], "Accepted", 0, "Flashing"],
    ["an end after 24 h", ["Installed"], "Accepted", 24, "Installed"],
    ["silence of less than 24 h", ["Downloading"], "Accepted", 23, "Downloading"],
    ["silence of 24 h", ["Downloading"], "Accepted", 24, "Stalled"],
    ["silence of 24 h after the answer", [], "Accepted", 24, "Stalled"],
    ["a refusal after 24 h", [], "Rejected", 24, "Rejected"],
    ["an answer that never came after 24 h", [], "TimedOut", 24, "TimedOut"],
  ])("reads %s", (_, words, answered, hours, status) => {
    expect(statusOfWork(history(...words), { answered, newsAtMs: 0, now: hours * HOUR })).toBe(status);
  });
});

describe("inOrder", () => {
  it("sorts by the time of receipt and keeps repeated words once", () => {
    const late = { status: "Downloading", atMs: 1 };
    expect(inOrder([{ status: "Installing", atMs: 3 }, late, { status: "Downloading", atMs: 2 }])).toEqual([
      late,
      { status: "Installing", atMs: 3 },
    ]);
  });
});
