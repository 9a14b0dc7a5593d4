//! Who we are to Optimizely.
//!
//! ```text
//! a personal access token, an access token of OAuth    Authorization: Bearer <token>
//! a token of Optimizely Classic                        Token: <token>
//!
//! GET  https://app.optimizely.com/oauth2/authorize?client_id&redirect_uri&response_type=code&scopes=all&state   (in a browser)
//! POST https://app.optimizely.com/oauth2/token   code, client_id, client_secret, redirect_uri, grant_type=authorization_code
//! POST https://app.optimizely.com/oauth2/token   refresh_token, client_id, client_secret, grant_type=refresh_token
//!      → {"access_token", "expires_in": 7200, "token_type": "bearer", "refresh_token"}
//! ```
//! Source: the vendor's pages on OAuth 2.0. They write the fields of the token calls into the URL; here they are a form, as RFC
//! 6749 (4.1.3, 6) has it and the OAuth libraries that people use with Optimizely send it: a URL ends in logs. An access token
//! lives for two hours; an expired one is answered by 401, or by 403 as the vendor says.

use crate::{
    fault::{Code, Fault},
    setup::{
        api::{Api, Body, Call, Failure},
        ask::Ask,
        files,
        secret::Secret,
    },
};
use aftercall::values::percent;
use hyper::header::{self, HeaderName};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    fs, io,
    path::{Path, PathBuf},
};

/// `Token`, of Classic.
const TOKEN: HeaderName = HeaderName::from_static("token");

const AUTHORISE: &str = "https://app.optimizely.com/oauth2/authorize";
const EXCHANGE: &str = "https://app.optimizely.com/oauth2/token";

/// An API, and who we are to it.
pub struct Login {
    api: Api,
    with: With,
}

enum With {
    Bearer(Secret),
    Classic(Secret),
    OAuth { app: App, tokens: RefCell<Tokens>, file: Option<PathBuf>, refreshed: Cell<bool> },
}

/// An application as it is registered with Optimizely.
pub struct App {
    pub client_id: String,
    pub secret: Secret,
    /// Needed for a new login alone.
    pub redirect_uri: Option<String>,
}

impl App {
    fn redirect_uri(&self) -> Result<&str, Fault> {
        self.redirect_uri.as_deref().ok_or_else(|| {
            Fault::new(
                Code::NoLogin,
                "A new login needs --redirect-uri: the address that is registered with the application.",
            )
        })
    }
}

struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
}

impl Login {
    /// With a token that a person made.
    pub fn with_token(api: Api, token: Secret) -> Self {
        api.hide(&token);
        Login { api, with: With::Bearer(token) }
    }

    /// With a token of Optimizely Classic.
    pub fn with_classic_token(api: Api, token: Secret) -> Self {
        api.hide(&token);
        Login { api, with: With::Classic(token) }
    }

    /// With OAuth: the tokens of the file, else by a code that the person brings from the browser. Tokens are kept where
    /// `file` says, and nowhere else.
    ///
    /// # Errors
    /// `bad-login`, `no-login`, or the vendor's.
    pub async fn with_oauth(api: Api, app: App, file: Option<PathBuf>, ask: &Ask) -> Result<Self, Fault> {
        api.hide(&app.secret);
        let kept = file.as_deref().map(read).transpose()?.flatten();
        let is_new = kept.is_none();
        let tokens = match kept {
            Some(tokens) => tokens,
            None => {
                let code = code(&app, ask)?;
                api.hide(&code);
                let redirect_uri = app.redirect_uri()?;
                let grant = [
                    ("code", code.reveal()),
                    ("client_id", &app.client_id),
                    ("client_secret", app.secret.reveal()),
                    ("redirect_uri", redirect_uri),
                    ("grant_type", "authorization_code"),
                ];
                let what = "the exchange of the code (it counts once, and soon ends: fetch a new one)";
                exchange(&api, &grant, what, None).await?
            }
        };
        let login =
            Login { api, with: With::OAuth { app, tokens: RefCell::new(tokens), file, refreshed: Cell::new(false) } };
        login.hide_tokens();
        if is_new {
            login.keep()?;
        }
        Ok(login)
    }

    /// The API without anybody in it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Is it good for Classic alone?
    pub fn is_classic(&self) -> bool {
        matches!(self.with, With::Classic(_))
    }

    /// A call in this name. Where an access token of OAuth has ended, it is renewed once.
    pub async fn call(&self, call: Call) -> Result<Value, Failure> {
        let answer = self.api.call(&self.signed(call.clone())).await;
        match answer {
            Err(failure) if matches!(failure.status(), Some(401 | 403)) && self.may_renew() => {
                self.renew().await?;
                self.api.call(&self.signed(call)).await
            }
            answer => answer,
        }
    }

    fn signed(&self, mut call: Call) -> Call {
        let header = match &self.with {
            With::Classic(token) => (TOKEN, token.header("", "")),
            With::Bearer(token) => (header::AUTHORIZATION, token.header("Bearer ", "")),
            With::OAuth { tokens, .. } => (header::AUTHORIZATION, tokens.borrow().access.header("Bearer ", "")),
        };
        if let (name, Some(value)) = header {
            call.headers.push((name, value));
        }
        call
    }

    fn may_renew(&self) -> bool {
        matches!(&self.with, With::OAuth { tokens, refreshed, .. } if tokens.borrow().refresh.is_some() && !refreshed.get())
    }

    async fn renew(&self) -> Result<(), Failure> {
        let With::OAuth { app, tokens, refreshed, .. } = &self.with else { return Ok(()) };
        refreshed.set(true);
        let old = tokens.borrow().refresh.clone();
        let Some(old) = old else { return Ok(()) };
        let what = "renewing the login (if it was revoked, delete the file of --tokens and log in anew)";
        let grant = [
            ("refresh_token", old.reveal()),
            ("client_id", &app.client_id),
            ("client_secret", app.secret.reveal()),
            ("grant_type", "refresh_token"),
        ];
        let new = exchange(&self.api, &grant, what, Some(&old)).await?;
        *tokens.borrow_mut() = new;
        self.hide_tokens();
        // The old refresh token may be of no use any more: the new one is kept before it is used.
        self.keep().map_err(|fault| self.api.not_understood(what, &fault.message))
    }

    fn hide_tokens(&self) {
        if let With::OAuth { tokens, .. } = &self.with {
            let tokens = tokens.borrow();
            self.api.hide(&tokens.access);
            if let Some(refresh) = &tokens.refresh {
                self.api.hide(refresh);
            }
        }
    }

    fn keep(&self) -> Result<(), Fault> {
        let With::OAuth { tokens, file: Some(file), .. } = &self.with else { return Ok(()) };
        let tokens = tokens.borrow();
        let text = json!({
            "access_token": tokens.access.reveal(),
            "refresh_token": tokens.refresh.as_ref().map(Secret::reveal),
        });
        files::replace(file, &format!("{text}\n"), files::PRIVATE)
            .map_err(|error| Fault::new(Code::BadLogin, format!("{}: {error}.", file.display())))
    }
}

/// The address to open in a browser.
fn authorise_url(client_id: &str, redirect_uri: &str, state: &str) -> String {
    let fields = [
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scopes", "all"),
        ("state", state),
    ];
    format!("{AUTHORISE}?{}", form(&fields))
}

/// The code that Optimizely hands to the person's browser.
fn code(app: &App, ask: &Ask) -> Result<Secret, Fault> {
    if let Some(code) = Secret::of_environment("AFTERCALL_OPTIMIZELY_CODE")? {
        return Ok(code);
    }
    let (state, redirect_uri) = (state()?, app.redirect_uri()?);
    let address = authorise_url(&app.client_id, redirect_uri, &state);
    eprintln!("Open this address in a browser, and allow the access:\n\n  {address}\n");
    eprintln!("The browser then goes to {redirect_uri}, with a code in the address.");
    let question = "Paste that whole address, or the code in it";
    let said = ask.unseen(question)?.ok_or_else(|| {
        Fault::new(
            Code::NoLogin,
            "Then set AFTERCALL_OPTIMIZELY_CODE to the code in that address, and run the command again.",
        )
    })?;
    let Some((_, query)) = said.split_once('?') else { return Secret::parse("The code", &said) };
    let field = |name: &str| {
        let fields = query.split('#').next()?.split('&').filter_map(|field| field.split_once('='));
        fields.filter(|(key, _)| *key == name).find_map(|(_, value)| percent::decode(value))
    };
    if field("state").as_deref() != Some(&state) {
        return Err(Fault::new(
            Code::BadLogin,
            "This address does not belong to the one above (its state differs): start again.",
        ));
    }
    let code = field("code")
        .ok_or_else(|| Fault::new(Code::BadLogin, "This address has no code: the access was not allowed."))?;
    Secret::parse("The code", &code)
}

/// What binds the answer to this question (RFC 6749, 10.12).
fn state() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::new(Code::NoLogin, format!("The system gives no random numbers: {error}.")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn exchange(
    api: &Api,
    grant: &[(&str, &str)],
    what: &'static str,
    old: Option<&Secret>,
) -> Result<Tokens, Failure> {
    let mut call = Call::order("POST", EXCHANGE.to_owned(), Body::Form(form(grant)), what);
    call.is_login = true;
    let value = api.call(&call).await?;
    tokens(&value, old).ok_or_else(|| api.not_understood(what, "no access_token"))
}

/// An answer that has no refresh token leaves the old one in force (RFC 6749, 6).
fn tokens(value: &Value, old: Option<&Secret>) -> Option<Tokens> {
    let secret = |name: &str| Secret::parse(name, value.get(name)?.as_str()?).ok();
    Some(Tokens { access: secret("access_token")?, refresh: secret("refresh_token").or_else(|| old.cloned()) })
}

fn read(path: &Path) -> Result<Option<Tokens>, Fault> {
    let bad = |message: String| Fault::new(Code::BadLogin, format!("{}: {message}", path.display()));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(format!("{error}."))),
    };
    let value = serde_json::from_str(&text).unwrap_or_default();
    tokens(&value, None)
        .map(Some)
        .ok_or_else(|| bad("there are no tokens in this file. Delete it to log in anew.".into()))
}

/// `a=1&b=2`, each value encoded.
fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        percent::encode(&mut out, value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_for_the_browser() {
        assert_eq!(
            authorise_url("123", "http://localhost:8080/a?b=c", "77"),
            "https://app.optimizely.com/oauth2/authorize?client_id=123&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fa%3Fb%3Dc&response_type=code&scopes=all&state=77"
        );
    }

    #[test]
    fn an_answer_without_a_refresh_token_keeps_the_old_one() {
        let old = Secret::parse("", "old").unwrap();
        let new = tokens(&json!({ "access_token": "a" }), Some(&old)).unwrap();
        assert_eq!((new.access.reveal(), new.refresh.unwrap().reveal()), ("a", "old"));
        let new = tokens(&json!({ "access_token": "a", "refresh_token": "b" }), Some(&old)).unwrap();
        assert_eq!(new.refresh.unwrap().reveal(), "b");
        assert!(tokens(&json!({ "error": "invalid_grant" }), Some(&old)).is_none());
    }

    #[test]
    fn two_states_differ() {
        assert_ne!(state().unwrap(), state().unwrap());
    }
}
