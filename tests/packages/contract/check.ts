// Compiled, never run: fails to compile where a shipped type is no longer what the contract says.
//
// "aftercall" is the contract, declared in aftercall.contract.d.ts; "shipped" is what the package ships, by file path
// (see types.test.mjs), since a declared module would hide a package of the same name.
import type * as contract from "aftercall";
import type * as contractDeliver from "aftercall/deliver";
import type * as contractJs from "aftercall/js";
import type * as contractSlim from "aftercall/slim";
import type * as contractFullstack from "aftercall/vwo-fullstack";
import type * as shippedDeliver from "shipped/deliver.js";
import type * as shipped from "shipped/index.js";
import type * as shippedJs from "shipped/js.js";
import type * as shippedSlim from "shipped/slim.js";
import type * as shippedFullstack from "shipped/vwo-fullstack.js";

/** Does not compile unless each can stand for the other. */
type Same<A extends B, B extends C, C = A> = [A, B, C];

// Every value of the entry points; additions are free.
export declare const values: [
  typeof shipped,
  typeof shippedJs,
  typeof shippedSlim,
  typeof shippedDeliver,
  typeof shippedFullstack,
];
export const asContract: [
  typeof contract,
  typeof contractJs,
  typeof contractSlim,
  typeof contractDeliver,
  typeof contractFullstack,
] = values;

// What a user hands in and gets back: exactly what was promised, no more and no less.
export type Data = [
  Same<shipped.Id, contract.Id>,
  Same<shipped.IdLike, contract.IdLike>,
  Same<shipped.Platform, contract.Platform>,
  Same<shipped.PageState, contract.PageState>,
  Same<shipped.PageGlobals, contract.PageGlobals>,
  Same<shipped.VisitorContext, contract.VisitorContext>,
  Same<shipped.OptimizelyVisitor, contract.OptimizelyVisitor>,
  Same<shipped.VwoVisitor, contract.VwoVisitor>,
  Same<shipped.KameleoonVisitor, contract.KameleoonVisitor>,
  Same<shipped.ConvertVisitor, contract.ConvertVisitor>,
  Same<shipped.VisitorInput, contract.VisitorInput>,
  Same<shipped.Code, contract.Code>,
  Same<shipped.Problem, contract.Problem>,
  Same<shipped.Accounts, contract.Accounts>,
  Same<shipped.Conversion, contract.Conversion>,
  Same<shipped.ConversionRequest, contract.ConversionRequest>,
  Same<shipped.ConversionPlan, contract.ConversionPlan>,
  Same<shippedFullstack.GoalType, contractFullstack.GoalType>,
  Same<shippedFullstack.UserStorageData, contractFullstack.UserStorageData>,
  Same<shippedFullstack.UserStorageService, contractFullstack.UserStorageService>,
  Same<shippedFullstack.LaunchOptions, contractFullstack.LaunchOptions>,
  Same<shippedFullstack.TrackOptions, contractFullstack.TrackOptions>,
  Same<shippedFullstack.VwoClient, contractFullstack.VwoClient>,
  Same<shippedFullstack.Delivery, contractDeliver.Delivery>,
  Same<shippedDeliver.SendOptions, contractDeliver.SendOptions>,
  Same<shippedDeliver.Delivery, contractDeliver.Delivery>,
  Same<shippedDeliver.KameleoonQuery, contractDeliver.KameleoonQuery>,
  Same<shippedDeliver.KameleoonVisit, contractDeliver.KameleoonVisit>,
];

// Optional members hide a renamed one from assignability: their names are compared as well.
type Keys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : never;
export const names: [
  Keys<shipped.PageState, contract.PageState>,
  Keys<shipped.PageGlobals, contract.PageGlobals>,
  Keys<shipped.VisitorContext, contract.VisitorContext>,
  Keys<shipped.OptimizelyVisitor, contract.OptimizelyVisitor>,
  Keys<shipped.VwoVisitor, contract.VwoVisitor>,
  Keys<shipped.Accounts, contract.Accounts>,
  Keys<NonNullable<shipped.Accounts["vwo"]>, NonNullable<contract.Accounts["vwo"]>>,
  Keys<shipped.Conversion, contract.Conversion>,
  Keys<NonNullable<shipped.Conversion["optimizely"]>, NonNullable<contract.Conversion["optimizely"]>>,
  Keys<NonNullable<shipped.Conversion["vwo"]>, NonNullable<contract.Conversion["vwo"]>>,
  Keys<NonNullable<shipped.Conversion["kameleoon"]>, NonNullable<contract.Conversion["kameleoon"]>>,
  Keys<NonNullable<shipped.Conversion["convert"]>, NonNullable<contract.Conversion["convert"]>>,
  Keys<shippedFullstack.UserStorageData, contractFullstack.UserStorageData>,
  Keys<shippedFullstack.LaunchOptions, contractFullstack.LaunchOptions>,
  Keys<shippedFullstack.TrackOptions, contractFullstack.TrackOptions>,
  Keys<shippedFullstack.Delivery, contractDeliver.Delivery>,
  Keys<Omit<shippedDeliver.SendOptions, "secrets">, contractDeliver.SendOptions>,
  Keys<shippedDeliver.KameleoonQuery, contractDeliver.KameleoonQuery>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

// What assignability lets through: a method may be called without what it can do without.
export const calls = (client: shippedFullstack.VwoClient) => [
  client.track(null, "user", "goal"),
  client.explain(undefined, "user", "goal"),
];
