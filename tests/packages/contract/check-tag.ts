// As check.ts, for the script tag: both declare the same global names, so the shipped ones come renamed.
export const asContract: AftercallTag.Tag = {} as ShippedTag.Tag;
export const inWindow: Window["aftercall"] = {} as ShippedWindow["aftercall"];
export const config: Window["aftercallConfig"] = {} as ShippedWindow["aftercallConfig"];
export const ready: DocumentEventMap["aftercall:ready"] = {} as ShippedEvents["aftercall:ready"];
export const change: DocumentEventMap["aftercall:change"] = {} as ShippedEvents["aftercall:change"];
