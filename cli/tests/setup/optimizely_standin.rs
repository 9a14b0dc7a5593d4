//! Optimizely's two REST APIs and its OAuth 2.0, as they are documented.

use super::server::{Reply, Request, Vendor, fields};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const TOKEN: &str = "2:personal-access-token-77";
pub const CLASSIC_TOKEN: &str = "abcdefghijklmnopqrstuvwxyz:123456";
pub const CLIENT: &str = "98765";
pub const CLIENT_SECRET: &str = "the-secret-of-the-application";
pub const REDIRECT: &str = "https://shop.example/back?from=optimizely";
pub const CODE: &str = "one-time-code-4711";

/// Nothing of these may ever be shown.
pub const SECRETS: [&str; 6] = [TOKEN, CLASSIC_TOKEN, CLIENT_SECRET, CODE, "access-token-", "refresh-token-"];

const V2: &str = "https://api.optimizely.com/v2";
const V1: &str = "https://www.optimizelyapis.com/experiment/v1";

pub struct Optimizely {
    pub projects: Vec<Value>,
    /// By project.
    pub events: BTreeMap<u64, Vec<Value>>,
    pub goals: BTreeMap<u64, Vec<Value>>,
    pub next_id: u64,
    /// What somebody else makes right after the next list of events.
    pub made_by_another: Option<Value>,
    pub code: Option<&'static str>,
    pub redirect_uri: &'static str,
    /// How many pairs of tokens were given out; only the last is good.
    pub pairs: u64,
    pub access_ended: Option<u16>,
    /// Does a renewal bring a new refresh token?
    pub rotates: bool,
    pub revoked: bool,
}

impl Optimizely {
    /// One account, one project, a click and an archived event.
    pub fn small() -> Self {
        Optimizely {
            projects: vec![project(111_001, "Shop")],
            events: BTreeMap::from([(
                111_001,
                vec![
                    event(501, "buy_button", "Buy button", "click"),
                    json!({ "id": 502, "key": "old_call", "name": "Old call", "event_type": "custom", "archived": true }),
                ],
            )]),
            goals: BTreeMap::from([(111_001, vec![goal(601, "Engagement", "engagement", 2)])]),
            next_id: 9_007_199_254_740_993,
            made_by_another: None,
            code: Some(CODE),
            redirect_uri: REDIRECT,
            pairs: 0,
            access_ended: None,
            rotates: false,
            revoked: false,
        }
    }

    fn access(&self) -> String {
        format!("access-token-{}", self.pairs)
    }

    fn refresh(&self) -> String {
        format!("refresh-token-{}", if self.rotates { self.pairs } else { 1 })
    }

    /// Nothing where the login is good.
    fn login(&self, request: &Request) -> Option<Reply> {
        let no = |status: u16| {
            Some(Reply::Json(status, json!({ "code": "unauthorized", "message": "Invalid credentials", "uuid": "0" })))
        };
        if !request.header("token").is_empty() {
            assert!(request.url.starts_with(V1), "a token of Classic stays with v1");
            return if request.header("token") == CLASSIC_TOKEN { None } else { no(401) };
        }
        match request.header("authorization").strip_prefix("Bearer ") {
            Some(TOKEN) => None,
            Some(token) if self.pairs > 0 && token == self.access() => self.access_ended.and_then(no),
            _ => no(401),
        }
    }

    fn oauth(&mut self, request: &Request) -> Reply {
        assert_eq!((request.method.as_str(), request.header("authorization")), ("POST", ""));
        assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
        assert!(request.query.is_empty(), "secrets do not stand in a URL");
        let form = fields(&request.body);
        let names: Vec<&str> = form.keys().map(String::as_str).collect();
        if form["client_id"] != CLIENT || form["client_secret"] != CLIENT_SECRET {
            return Reply::Json(401, json!({ "error": "invalid_client" }));
        }
        let refused = |said: &str| Reply::Json(400, json!({ "error": "invalid_grant", "error_description": said }));
        let mut answer = json!({ "expires_in": 7200, "token_type": "bearer" });
        match form["grant_type"].as_str() {
            "authorization_code" => {
                assert_eq!(names, ["client_id", "client_secret", "code", "grant_type", "redirect_uri"]);
                if self.code.take() != Some(form["code"].as_str()) || form["redirect_uri"] != self.redirect_uri {
                    return refused(&format!("no code {}", form["code"]));
                }
                self.pairs += 1;
                answer["refresh_token"] = json!(self.refresh());
            }
            "refresh_token" => {
                assert_eq!(names, ["client_id", "client_secret", "grant_type", "refresh_token"]);
                if self.revoked || form["refresh_token"] != self.refresh() {
                    return refused(&format!("{} was revoked", form["refresh_token"]));
                }
                self.pairs += 1;
                self.access_ended = None;
                if self.rotates {
                    answer["refresh_token"] = json!(self.refresh());
                }
            }
            other => panic!("grant_type={other}"),
        }
        answer["access_token"] = json!(self.access());
        Reply::Json(200, answer)
    }

    fn today(&mut self, request: &Request, path: &str) -> Reply {
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["projects"]) => page(&self.projects, request.page(100, &[])),
            ("GET", ["events"]) => {
                let id: u64 = request.query["project_id"].parse().unwrap();
                let page_of = request.page(100, &["project_id", "include_classic"]);
                let Some(events) = self.events.get_mut(&id) else { return error(404, "Project not found") };
                let reply = page(events, page_of);
                events.extend(self.made_by_another.take());
                reply
            }
            ("POST", ["projects", id, "custom_events"]) => {
                let body = request.json();
                for name in body.as_object().unwrap().keys() {
                    assert!(
                        ["key", "name", "event_type", "archived", "category", "description"].contains(&name.as_str()),
                        "{name}"
                    );
                }
                let key = body["key"].as_str().unwrap();
                assert!(key.len() <= 64 && !key.is_empty());
                assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_- .".contains(&b)));
                assert!(body.get("event_type").is_none_or(|kind| kind == "custom"));
                let id: u64 = id.parse().unwrap();
                let Some(events) = self.events.get_mut(&id) else { return error(403, "You do not have access") };
                if events.iter().any(|event| event["key"] == key) {
                    return error(400, "This key is already in use");
                }
                let made = event(self.next_id, key, body["name"].as_str().unwrap_or(key), "custom");
                self.next_id += 1;
                events.push(made.clone());
                Reply::Json(201, made)
            }
            other => panic!("{other:?}"),
        }
    }

    fn classic(&mut self, request: &Request, path: &str) -> Reply {
        assert!(request.query.is_empty());
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["projects", ""]) => Reply::Json(
                200,
                self.projects
                    .iter()
                    .map(|it| json!({ "id": it["id"], "account_id": it["account_id"], "project_name": it["name"], "project_status": "Active" }))
                    .collect(),
            ),
            ("GET", ["projects", id, "goals", ""]) => match self.goals.get(&id.parse().unwrap()) {
                Some(goals) => Reply::Json(200, json!(goals)),
                None => error(404, "not found"),
            },
            ("POST", ["projects", id, "goals", ""]) => {
                let body = request.json();
                assert!(body["title"].is_string() && body["event"].is_string());
                assert_eq!(body["goal_type"], 1);
                assert_eq!(body.as_object().unwrap().len(), 3);
                let made = goal(self.next_id, body["title"].as_str().unwrap(), body["event"].as_str().unwrap(), 1);
                self.next_id += 1;
                self.goals.get_mut(&id.parse().unwrap()).unwrap().push(made.clone());
                Reply::Json(201, made)
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Vendor for Optimizely {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.url == "https://app.optimizely.com/oauth2/token" {
            return self.oauth(request);
        }
        if let Some(refused) = self.login(request) {
            return refused;
        }
        if let Some(path) = request.url.strip_prefix(V2) {
            let path = path.strip_prefix('/').unwrap().to_owned();
            return self.today(request, &path);
        }
        let path = request.url.strip_prefix(V1).unwrap().strip_prefix('/').unwrap().to_owned();
        self.classic(request, &path)
    }
}

pub fn project(id: u64, name: &str) -> Value {
    json!({ "id": id, "account_id": 12_001, "name": name, "platform": "web", "status": "active", "is_classic": false })
}

pub fn event(id: u64, key: &str, name: &str, kind: &str) -> Value {
    json!({ "id": id, "key": key, "name": name, "event_type": kind, "archived": false, "is_classic": false, "project_id": 111_001 })
}

pub fn goal(id: u64, title: &str, event: &str, kind: u64) -> Value {
    json!({ "id": id, "title": title, "event": event, "goal_type": kind, "archived": false, "project_id": 111_001 })
}

fn page(all: &[Value], (size, page): (usize, usize)) -> Reply {
    Reply::Json(200, all.iter().skip((page - 1) * size).take(size).cloned().collect())
}

fn error(status: u16, message: &str) -> Reply {
    Reply::Json(status, json!({ "code": "error", "message": message, "uuid": "0" }))
}
