// What the platforms' parameters mean, in plain words: for people who read a request, not for the code that makes it.

/** @typedef {import("../types/index.js").ConversionRequest} ConversionRequest */

/** @type {Record<string, [RegExp, string][]>} */
const words = {
  optimizely: [
    [/^a$/, "Project"],
    [/^d$/, "Account"],
    [/^n$/, "Event"],
    [/^u$/, "Visitor"],
    [/^x\d+$/, "Experiment → variation seen"],
    [/^s\d+$/, "Segment of the visitor"],
    [/^v$/, "Revenue, in cents"],
    [/^time$/, "When it happened, in seconds"],
    [/^g$/, "Goal"],
    [/^src$/, "Sender"],
    [/^y$/, "Shorten the IP address?"],
  ],
  vwo: [
    [/^account_id$/, "Account"],
    [/^experiment_id$/, "Campaign"],
    [/^goal_id$/, "Goal"],
    [/^combination$/, "Variation seen"],
    [/^u$/, "Visitor"],
    [/^sId$/, "Start of the visitor’s session, in seconds"],
    [/^r$/, "Revenue"],
    [/^random$/, "Keeps caches away"],
    [/^en$/, "Event"],
    [/^a$/, "Account"],
  ],
  kameleoon: [
    [/^siteCode$/, "Site"],
    [/^visitorCode$/, "Visitor"],
    [/^json$/, "The body is JSON"],
  ],
  convert: [
    [/^c$/, "Account"],
    [/^p$/, "Project"],
    [/^e$/, "Experience – variation seen – goals"],
    [/^ea$/, "How many of these are seen for the first time"],
    [/^g$/, "Goals, newest first"],
    [/^ga$/, "How many of these are hit now"],
    [/^t$/, "Transaction: goal | id | value | products"],
  ],
};

/**
 * @param {ConversionRequest["platform"]} platform
 * @param {string} parameter
 * @returns {string} Empty where the name says it all, or nobody knows.
 */
export function meaning(platform, parameter) {
  return words[platform].find(([name]) => name.test(parameter))?.[1] ?? "";
}

/** May the request go out again where nobody knows whether it arrived? */
export const repeatInWords = {
  safe: "Safe to send again: the platform drops doubles.",
  unproven: "To send it again is probably safe, but nobody has proved it.",
  "counts-twice": "Send it once: a second time counts twice.",
};
