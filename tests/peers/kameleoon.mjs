// Kameleoon's own SDK: the lines of text that it sends for conversions.
import sdk from "@kameleoon/javascript-sdk";
import { requestsOf, settled } from "./world.mjs";

const chance = Math.random;
const { Conversion, CustomData, KameleoonClient, UserAgent } = sdk;

/** What Kameleoon's servers would say of a project without feature flags. */
const configuration = (dataApiDomain) => ({
  configuration: { consentType: "NOT_REQUIRED", consentOptOutBehavior: "PARTIALLY_BLOCK", dataApiDomain },
  customData: [],
  featureFlags: [],
  segments: [],
});

/**
 * The request for all of these conversions.
 * @param input `{siteCode, host, conversions}`, a conversion being `{visitorCode, goalId, revenue?, negative?, metadata?,
 *   userAgent?}`, its metadata a list of `{index, values}`
 */
export async function conversions({ siteCode, host, conversions }) {
  const memory = new Map();
  const requests = await requestsOf(
    () => configuration(host),
    async () => {
      const client = new KameleoonClient({
        siteCode,
        configuration: { trackingInterval: 1000 },
        externals: {
          storage: { read: (key) => memory.get(key) ?? null, write: (key, data) => void memory.set(key, data) },
          visitorCodeManager: { getData: () => null, setData: () => {} },
        },
        // In place of what it reads off `navigator`.
        _internals: { platformAnalyzer: { getResult: () => ({}) }, prng: { getRandomNumber: chance } },
      });
      await client.initialize();
      for (const { visitorCode, goalId, revenue, negative, metadata, userAgent } of conversions) {
        const data = metadata?.map(({ index, values }) => new CustomData(index, ...values));
        client.addData(visitorCode, new Conversion({ goalId, revenue, negative, metadata: data }));
        if (userAgent) client.addData(visitorCode, new UserAgent(userAgent));
        client.flush(visitorCode);
      }
      client.flush({ instant: true });
      await settled();
    },
  );
  return requests.filter(({ method }) => method === "POST");
}
