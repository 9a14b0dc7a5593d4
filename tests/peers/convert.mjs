// Convert's own SDK: what it sends for visitors, the experiences that they see and the goals that they reach.
import convert from "@convertcom/js-sdk";
import { requestsOf } from "./world.mjs";

const { default: ConvertSDK } = convert;

const silent = { logLevel: 5, customLoggers: [] };

/** A project with every experience and goal that the visitors meet. */
function projectFile({ accountId, projectId, visitors }) {
  const variations = new Map();
  const goals = new Set();
  for (const { newBucketing = {}, storedBucketing = {}, conversions } of visitors) {
    for (const [experience, variation] of [...Object.entries(newBucketing), ...Object.entries(storedBucketing)])
      variations.set(experience, (variations.get(experience) ?? new Set()).add(variation));
    for (const { goalId } of conversions) goals.add(goalId);
  }
  return {
    account_id: accountId,
    project: { id: projectId, settings: {} },
    experiences: [...variations].map(([id, ids]) => ({
      id,
      key: `experience ${id}`,
      locations: [],
      audiences: [],
      variations: [...ids].map((variation) => ({ id: variation, key: variation, status: "running", changes: [] })),
    })),
    goals: [...goals].map((id) => ({ id, key: id })),
  };
}

/**
 * The request for all of these visitors.
 * @param input `{accountId, projectId, sdkKey?, enrichData, visitors}`, a visitor being `{visitorId, segments?,
 *   newBucketing?, storedBucketing?, conversions: {goalId, goalData?, repeat?}[]}`. Bucketing maps experiences to
 *   variations: the new ones are told to Convert, of the stored ones only the client knows.
 */
export async function conversions(input) {
  const store = new Map();
  // A store that knows every visitor, even those who have seen nothing.
  const kept = { get: (key) => store.get(key) ?? { bucketing: {} }, set: (key, value) => void store.set(key, value) };
  const data = projectFile(input);
  const requests = await requestsOf(
    (url) => (url.includes("/config/") ? data : { status: "ok" }),
    async () => {
      const sdk = new ConvertSDK({
        // With a key the SDK fetches the project's file.
        ...(input.sdkKey ? { sdkKey: input.sdkKey } : { data }),
        ...(input.enrichData ? {} : { dataStore: kept }),
        events: { batch_size: 1_000_000 },
        network: { tracking: true },
        logger: silent,
      });
      await sdk.onReady();
      let context;
      for (const { visitorId, segments, newBucketing = {}, storedBucketing = {}, conversions } of input.visitors) {
        context = sdk.createContext(visitorId);
        if (segments) context.setDefaultSegments(segments);
        for (const [bucketing, enableTracking] of [
          [newBucketing, true],
          [storedBucketing, false],
        ])
          for (const [experience, forceVariationId] of Object.entries(bucketing))
            context.runExperience(`experience ${experience}`, {
              forceVariationId,
              enableTracking,
              locationProperties: {},
            });
        for (const { goalId, goalData, repeat } of conversions)
          context.trackConversion(goalId, {
            conversionData: goalData,
            conversionSetting: { forceMultipleTransactions: repeat ?? false },
          });
      }
      await context.releaseQueues();
    },
  );
  return requests.filter(({ method }) => method === "POST");
}
