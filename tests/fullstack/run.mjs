// One scenario, played to a client: what it answers, sends, stores and tells, call by call.

/** A storage of the caller's, as the scenario describes it. `writes` has what it is given. */
function storageOf({ records, throws, nothing }, writes) {
  const key = (userId, campaignKey) => JSON.stringify([userId, campaignKey]);
  const kept = new Map(records.map((record) => [key(record.userId, record.campaignKey), record]));
  return {
    get(userId, campaignKey) {
      if (throws === "get") throw new Error("the storage is away");
      const record = kept.get(key(userId, campaignKey));
      return record ? structuredClone(record) : nothing;
    },
    set(record) {
      writes.push(structuredClone(record));
      if (throws === "set") throw new Error("the storage is full");
      kept.set(key(record.userId, record.campaignKey), record);
    },
  };
}

/** What is undefined is as good as absent. */
const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/**
 * @param launch (settings, options) → { track(...call) → { result, requests } }; requests in their normal form
 * @returns for each call { result, requests, writes, decisions }
 */
export function play({ settings, launch: options, storage, calls }, launch) {
  const writes = [];
  const decisions = [];
  const client = launch(settings, {
    ...options,
    ...(storage && { userStorageService: storageOf(storage, writes) }),
    integrations: { callback: (decision) => decisions.push(defined(decision)) },
  });
  return calls.map((call) => {
    writes.length = decisions.length = 0;
    const { result, requests } = client.track(...structuredClone(call));
    return { result, requests, writes: [...writes], decisions: [...decisions] };
  });
}
