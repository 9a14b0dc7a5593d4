// Settings files for the benchmark: a test of one campaign, and a shop where fifty campaigns share a goal.
const campaign = (index) => ({
  id: 230 + index,
  key: `AB${index}`,
  name: `Campaign ${index}`,
  type: index % 3 === 2 ? "FEATURE_TEST" : "VISUAL_AB",
  status: "RUNNING",
  percentTraffic: 100,
  segments: {},
  goals: [
    { id: 203 + 10 * index, identifier: "CUSTOM", type: "CUSTOM_GOAL" },
    { id: 204 + 10 * index, identifier: "REV", type: "REVENUE_TRACKING" },
  ],
  variations: [
    { id: 1, name: "Control", weight: 33.3333, changes: {} },
    { id: 2, name: "Variation-1", weight: 33.3333, changes: {} },
    { id: 3, name: "Variation-2", weight: 33.3333, changes: {} },
  ],
});

export const settings = (campaigns) => ({
  version: 1,
  accountId: 88888888,
  sdkKey: "0123456789abcdef0123456789abcdef",
  groups: {},
  campaignGroups: {},
  campaigns: Array.from({ length: campaigns }, (_, index) => campaign(index)),
});

/** Users enough that nothing can be remembered. */
export const users = Array.from({ length: 10_000 }, (_, index) => `user_${index}`);
