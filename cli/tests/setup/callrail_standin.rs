//! CallRail's API v3, as its reference has it.

use super::server::{Reply, Request, Vendor};
use serde_json::{Value, json};

pub const KEY: &str = "callrail-key-0815";

pub struct CallRail {
    pub accounts: Vec<Value>,
    pub companies: Vec<Value>,
    pub integrations: Vec<Value>,
    /// What somebody else does right before the next order is obeyed.
    pub before_order: Option<fn(&mut Vec<Value>)>,
    /// What somebody else does right after the next orders, one each.
    pub after_order: Vec<fn(&mut Vec<Value>)>,
    pub next_id: u64,
}

impl CallRail {
    /// One account with one company, which captures `_ga` and `mine`.
    pub fn small() -> Self {
        CallRail {
            accounts: vec![json!({ "id": "ACC1", "name": "Agency" })],
            companies: vec![company("COM1", "Dentist")],
            integrations: vec![
                json!({ "id": 70, "company": "COM1", "type": "Webhooks", "state": "active", "config": { "post_call_webhook": ["https://shop.example/hook"] } }),
                capture(71, "COM1", "active", &["_ga", "mine"]),
            ],
            before_order: None,
            after_order: vec![],
            next_id: 100,
        }
    }

    /// The cookies that a company captures.
    pub fn cookies(&self, company: &str) -> Vec<&str> {
        let one = self.integrations.iter().find(|it| it["company"] == company && it["type"] == "Custom");
        one.map_or(vec![], |it| {
            it["config"]["grab_cookies"].as_array().unwrap().iter().map(|each| each.as_str().unwrap()).collect()
        })
    }
}

impl Vendor for CallRail {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.header("authorization") != format!("Token token=\"{KEY}\"") {
            return Reply::Json(401, json!({ "error": "HTTP Token: Access denied." }));
        }
        assert_eq!(request.header("request-from"), "aftercall");
        let path = request.url.strip_prefix("https://api.callrail.com/v3/").unwrap().strip_suffix(".json").unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        if request.method == "GET" {
            return match parts.as_slice() {
                ["a"] => page("accounts", &self.accounts, request.page(250, &[])),
                ["a", "ACC1", "companies"] => page("companies", &self.companies, request.page(250, &[])),
                ["a", "ACC1", "integrations"] => {
                    let company = &request.query["company_id"];
                    let all: Vec<Value> =
                        self.integrations.iter().filter(|it| it["company"] == *company).cloned().collect();
                    page("integrations", &all, request.page(250, &["company_id"]))
                }
                ["a", _, "companies"] => Reply::Json(404, json!({ "error": "Not found" })),
                other => panic!("{other:?}"),
            };
        }
        let body = request.json();
        let cookies = body["config"]["grab_cookies"].as_array().unwrap();
        assert!(cookies.iter().all(Value::is_string));
        if let Some(another) = self.before_order.take() {
            another(&mut self.integrations);
        }
        let reply = match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["a", "ACC1", "integrations"]) => {
                let names: Vec<&String> = body.as_object().unwrap().keys().collect();
                assert_eq!(names, ["company_id", "config", "type"]);
                assert_eq!(body["type"], "Custom");
                if self.integrations.iter().any(|it| it["company"] == body["company_id"] && it["type"] == "Custom") {
                    Reply::Json(422, json!({ "error": "Type has already been taken" }))
                } else {
                    let made = json!({ "id": self.next_id, "company": body["company_id"], "type": "Custom", "state": "active", "config": body["config"] });
                    self.next_id += 1;
                    self.integrations.push(made.clone());
                    Reply::Json(201, made)
                }
            }
            ("PUT", ["a", "ACC1", "integrations", id]) => {
                let names: Vec<&String> = body.as_object().unwrap().keys().collect();
                assert_eq!(names, ["config", "state"]);
                assert!(["active", "disabled"].contains(&body["state"].as_str().unwrap()));
                let one = self.integrations.iter_mut().find(|it| it["id"].as_u64() == id.parse().ok()).unwrap();
                one["state"] = body["state"].clone();
                one["config"] = body["config"].clone();
                Reply::Json(200, one.clone())
            }
            other => panic!("{other:?}"),
        };
        if let Some(another) = self.after_order.pop() {
            another(&mut self.integrations);
        }
        reply
    }
}

pub fn company(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "status": "active" })
}

pub fn capture(id: u64, company: &str, state: &str, cookies: &[&str]) -> Value {
    json!({ "id": id, "company": company, "type": "Custom", "state": state, "config": { "grab_cookies": cookies, "other": "stays" } })
}

fn page(name: &str, all: &[Value], (size, page): (usize, usize)) -> Reply {
    let entries: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
    Reply::Json(
        200,
        json!({ "page": page, "per_page": size, "total_pages": all.len().div_ceil(size).max(1), "total_records": all.len(), name: entries }),
    )
}
