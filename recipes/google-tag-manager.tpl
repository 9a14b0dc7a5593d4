___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Aftercall",
  "categories": ["EXPERIMENTATION", "ATTRIBUTION"],
  "brand": { "id": "brand_dummy", "displayName": "" },
  "description": "Keeps what your A/B tests know of a visitor with the call, so that the call counts in the tests.",
  "containerContexts": ["WEB"]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "src",
    "displayName": "Address of aftercall.js",
    "help": "On your own server. The same address has to be allowed in this template's permissions, under Injects Scripts.",
    "valueHint": "https://www.example.com/aftercall.js",
    "simpleValueType": true,
    "alwaysInSummary": true,
    "valueValidators": [{ "type": "REGEX", "args": ["^https://.+"] }]
  },
  {
    "type": "SELECT",
    "name": "consent",
    "displayName": "Who knows whether the visitor has consented",
    "macrosInSelect": false,
    "simpleValueType": true,
    "defaultValue": "google",
    "selectItems": [
      { "value": "google", "displayValue": "Google's consent mode" },
      { "value": "tcf", "displayValue": "A consent tool with IAB's TCF" },
      { "value": "onetrust", "displayValue": "OneTrust" },
      { "value": "cookiebot", "displayValue": "Cookiebot" },
      { "value": "wp", "displayValue": "WordPress' consent API" },
      { "value": "custom", "displayValue": "Your own code: aftercall.consent(true)" },
      { "value": "none", "displayValue": "Nobody has to be asked" }
    ]
  },
  {
    "type": "TEXT",
    "name": "outlets",
    "displayName": "Outlets",
    "help": "Who gets the token: names with spaces between them. auto: the call trackers on the page. dataLayer: the event aftercall_ready for your other tags.",
    "defaultValue": "auto dataLayer",
    "simpleValueType": true
  },
  {
    "type": "GROUP",
    "name": "accounts",
    "displayName": "Accounts, where the page does not tell",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      { "type": "TEXT", "name": "optimizelyAccount", "displayName": "Optimizely account", "simpleValueType": true },
      { "type": "TEXT", "name": "optimizelyProject", "displayName": "Optimizely project", "simpleValueType": true },
      { "type": "TEXT", "name": "vwoAccount", "displayName": "VWO account", "simpleValueType": true },
      { "type": "TEXT", "name": "kameleoonSite", "displayName": "Kameleoon site code", "simpleValueType": true },
      { "type": "TEXT", "name": "convertAccount", "displayName": "Convert account", "simpleValueType": true },
      { "type": "TEXT", "name": "convertProject", "displayName": "Convert project", "simpleValueType": true }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const injectScript = require('injectScript');
const setInWindow = require('setInWindow');

// What would be attributes of the script: of an injected script nobody can set any.
const names = ['consent', 'outlets', 'optimizelyAccount', 'optimizelyProject', 'vwoAccount', 'kameleoonSite',
  'convertAccount', 'convertProject'];
const config = {};
names.forEach((name) => {
  if (data[name]) config[name] = data[name];
});
// The files that lie beside the script, where its own address does not tell.
config.base = data.src;

setInWindow('aftercallConfig', config, true);
injectScript(data.src, data.gtmOnSuccess, data.gtmOnFailure, 'aftercall');


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": { "publicId": "inject_script", "versionId": "1" },
      "param": [
        {
          "key": "urls",
          "value": { "type": 2, "listItem": [{ "type": 1, "string": "https://www.example.com/aftercall.js" }] }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "access_globals", "versionId": "1" },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "key" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" },
                  { "type": 1, "string": "execute" }
                ],
                "mapValue": [
                  { "type": 1, "string": "aftercallConfig" },
                  { "type": 8, "boolean": false },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: The settings are there before the script
  code: |-
    let configured;
    mock('setInWindow', (key, value) => {
      configured = [key, value];
      return true;
    });
    mock('injectScript', (url, onSuccess) => {
      assertThat(configured[0]).isEqualTo('aftercallConfig');
      assertThat(configured[1].consent).isEqualTo('google');
      assertThat(configured[1].vwoAccount).isUndefined();
      assertThat(url).isEqualTo('https://www.example.com/aftercall.js');
      onSuccess();
    });
    runCode({ src: 'https://www.example.com/aftercall.js', consent: 'google', outlets: 'auto' });
    assertApi('gtmOnSuccess').wasCalled();


___NOTES___

Put the address of your own copy of aftercall.js into the permission "Injects Scripts".
