import { describe, expect, it } from "vitest";
import { chooseFrameRate } from "./frame-rate.ts";
import { parseRational } from "./rational.ts";

describe("the frame rate", () => {
  it.each([
    ["30000/1001", "30000/1001", "30000/1001", "stays"],
    ["2997/100", "2997/100", "30000/1001", "is made the standard one next to it"],
    ["24/1", "24/1", "24/1", "of cinema is not that of television"],
    ["120/1", "120/1", "60/1", "is halved above 60"],
    ["120000/1001", "120000/1001", "60000/1001", "is halved exactly"],
    ["25/2", "25/2", "25/2", "may be uncommon"],
    ["30/1", "18/1", "30/1", "of a film with gaps is that of its grid"],
    ["90000/1", "2987/100", "30000/1001", "of a recorder's clock is the average's"],
    ["60/1", "24/1", "24/1", "of a grid much finer than the film is the average's"],
    ["0/0", "25/1", "25/1", "may be unknown"],
    ["0/0", "0/0", "30/1", "is 30 where nothing is known"],
    ["90000/1", "1/30", "10/1", "is at least 10 where it varies"],
  ])("%s nominal, %s average: %s, since it %s", (nominal, average, expected) => {
    expect(chooseFrameRate(parseRational(nominal), parseRational(average))).toEqual(
      parseRational(expected),
    );
  });
});
