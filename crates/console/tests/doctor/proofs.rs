//! What is proven beyond single mistakes with a known key: of calls without their appId, by the simulated key, of few
//! fields, from what is stored.

use super::*;

/// A call is made without its appId, and one that was signed without it too is proven to be; what would be right is said
/// where it is known whose appId belongs there.
#[test]
fn a_call_signed_without_its_app_id_is_proven() {
    let shops = Shops::open();
    let without: Vec<_> = CALL.iter().copied().filter(|(name, _)| *name != "appId").collect();
    let wrong = |key: &str| md5(&format!("{}&key={key}", string(&without)));
    let right = |appid: &str, key: &str| {
        let whole = [without.as_slice(), &[("appId", appid)]].concat();
        md5(&format!("{}&key={key}", string(&whole)))
    };
    let looking = Looking { reproduce: true, ..Looking::default() };
    let view = shops.verify_as(&call(&wrong(BAKERY)), &looking);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["app_id_left_out"]), "{view:#?}");
    assert_eq!(view.expected, Some(right("wx1111111111111111", BAKERY)));
    assert!(found(&view, "app_id_assumed").unwrap().contains("wx1111111111111111"));
    assert!(view.string_to_sign.unwrap().starts_with("appId=wx1111111111111111&nonceStr="));
    assert!(view.reproduction.unwrap().payload.contains("\"appId\""));
    // The one key is nobody's at hand.
    let key_once = || Some(Secret::new(UNKNOWN.to_owned()));
    let once = Looking { key_once: key_once(), reproduce: true, ..Looking::default() };
    let view = shops.verify_as(&call(&wrong(UNKNOWN)), &once);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["app_id_left_out"]), "{view:#?}");
    assert_eq!(view.expected, None);
    assert!(has(&view, "app_id_unknown") && view.reproduction.is_some());
    // The order beside it says whose.
    let beside = Some(signed_with(ORDER, UNKNOWN).into_bytes());
    let view = shops
        .verify_as(&call(&wrong(UNKNOWN)), &Looking { beside, key_once: key_once(), ..Looking::default() });
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["app_id_left_out"]), "{view:#?}");
    assert_eq!(view.expected, Some(right("wx1111111111111111", UNKNOWN)));
    // Signed with an appId that is not known, or with a key that is not: nothing is proven.
    for sign in [right("wx9999999999999999", BAKERY), wrong(UNKNOWN)] {
        let view = shops.verify(&call(&sign));
        assert_eq!(
            (view.verdict, ids(&view), &view.expected),
            (Verdict::Undecidable, vec![], &None),
            "{view:#?}"
        );
    }
    // Whose it is shows in which appId was signed.
    let snake: Vec<_> = CALL
        .iter()
        .map(|(name, value)| (if *name == "nonceStr" { "nonce_str" } else { *name }, *value))
        .collect();
    let view = shops.verify(&call(&md5(&format!("{}&key={BAKERY}", string(&snake)))));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["names_wrong"]), "{view:#?}");
    assert_eq!(view.expected, Some(right("wx1111111111111111", BAKERY)));
}

/// Everybody has the simulated merchant's key.
#[test]
fn what_the_simulated_key_signs_is_no_message_of_anybody_else() {
    let shops = Shops::open();
    let named = |mch_id: &'static str, appid: &'static str| -> Vec<(&'static str, &'static str)> {
        let own = |(name, value): &(&'static str, &'static str)| match *name {
            "mch_id" => ("mch_id", mch_id),
            "appid" => ("appid", appid),
            _ => (*name, *value),
        };
        NOTICE.iter().map(own).collect()
    };
    for pairs in [named("1900000199", "wx9999999999999999"), NOTICE.to_vec()] {
        let text = format!("{}&key={}", string(&pairs), simulator::API_KEY);
        for sign in [md5(&text), hmac(&text, simulator::API_KEY)] {
            let view = shops.verify(&xml(&pairs, &sign));
            assert_eq!(view.verdict, Verdict::Invalid, "{view:#?}");
            assert_eq!(ids(&view)[0], "other_key", "{view:#?}");
            assert!(has(&view, "simulated_key") && view.causes[0].message.contains("simulated"), "{view:#?}");
        }
    }
    let page: Vec<_> = CALL
        .iter()
        .map(|(name, value)| match *name {
            "appId" => (*name, "wx9999999999999999"),
            "signType" => (*name, "HMAC-SHA256"),
            _ => (*name, *value),
        })
        .collect();
    let text = format!("{}&key={}", string(&page), simulator::API_KEY);
    let fields: Vec<_> = page.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let view = shops.verify(&format!(
        "{{{},\"paySign\":\"{}\"}}",
        fields.join(","),
        hmac(&text, simulator::API_KEY)
    ));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["other_key"]), "{view:#?}");
    // Its own are valid.
    let own = named(simulator::MCH_ID, simulator::APPID);
    let text = format!("{}&key={}", string(&own), simulator::API_KEY);
    assert_eq!(shops.verify(&xml(&own, &hmac(&text, simulator::API_KEY))).verdict, Verdict::Valid);
}

/// The key of a merchant who asks for HMAC-SHA256 signs, by MD5, what names nobody.
#[test]
fn a_key_that_signs_by_the_other_digest_than_its_merchants_is_named() {
    let shops = Shops::open();
    let nobody = [("body", "x"), ("nonce_str", "ibuaiVcKdpRxkhJA")];
    let text = format!("{}&key={FLORIST}", string(&nobody));
    let view = shops.verify(&xml(&nobody, &md5(&text)));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["digest_md5_for_hmac"]), "{view:#?}");
    assert_eq!(view.expected, Some(hmac(&text, FLORIST)));
    assert_eq!(view.key.unwrap().label, "florist · api_v2");
}

/// What WeChat Pay itself writes is believed by its signature; what it does not write is said.
#[test]
fn a_notice_written_anew_on_its_way_is_valid_and_said_to_be() {
    let shops = Shops::open();
    let right = md5(&format!("{}&key={BAKERY}", string(NOTICE)));
    let small = xml(NOTICE, &right.to_lowercase());
    let mut other = NOTICE.to_vec();
    other.push(("sign_type", "SHA256"));
    let other = signed_with(&other, BAKERY);
    for (text, id) in [(&small, "sign_not_in_capitals"), (&other, "sign_type_unknown")] {
        let view = shops.verify(text);
        assert_eq!((view.verdict, view.findings.len()), (Verdict::Valid, 1), "{view:#?}");
        assert_eq!((&*view.findings[0].id, &*view.findings[0].severity), (id, "warning"));
        let looking = Looking::default();
        let judge = shops.console.judge(&looking, Lang::En);
        assert!(json(&judge.line(text.as_bytes()).unwrap()).contains(id));
    }
    assert!(found(&shops.verify(&other), "sign_type_unknown").unwrap().contains("SHA256"));
}

/// Many shops put such text into `attach`.
#[test]
fn a_harmless_second_reading_is_shown_too() {
    let shops = Shops::open();
    let mut pairs = NOTICE.to_vec();
    pairs.push(("attach", "a=1&b=2"));
    let view = shops.verify(&signed_with(&pairs, BAKERY));
    assert_eq!(view.verdict, Verdict::Valid, "{view:#?}");
    assert!(has(&view, "ambiguous_value"));
    let other =
        |name: &str| view.other_reading.iter().find(|field| field.name == name).map(|field| &*field.value);
    assert_eq!((other("attach"), other("b"), other("total_fee")), (Some("a=1"), Some("2"), Some("1234")));
}

#[test]
fn where_few_fields_were_signed_they_are_named_and_made_again() {
    let shops = Shops::open();
    let looking = Looking { reproduce: true, ..Looking::default() };
    let few: Vec<_> =
        NOTICE.iter().copied().filter(|(name, _)| ["out_trade_no", "total_fee"].contains(name)).collect();
    let view = shops.verify_as(&xml(NOTICE, &md5(&format!("{}&key={BAKERY}", string(&few)))), &looking);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["fields_left_out"]), "{view:#?}");
    assert_eq!(view.causes[0].params["signed"], "out_trade_no, total_fee");
    assert!(view.causes[0].message.contains("out_trade_no, total_fee"));
    assert!(view.reproduction.is_some(), "{view:#?}");
    // Some, neither few nor known to go together.
    let some: Vec<_> = NOTICE
        .iter()
        .copied()
        .filter(|(name, _)| !["openid", "bank_type", "time_end"].contains(name))
        .collect();
    let view = shops.verify_as(&xml(NOTICE, &md5(&format!("{}&key={BAKERY}", string(&some)))), &looking);
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["fields_left_out"]), "{view:#?}");
    let made = view.reproduction.unwrap();
    let again = Looking {
        key_once: Some(Secret::new(doctor::reproduce::DUMMY_KEY.to_owned())),
        ..Looking::default()
    };
    assert_eq!(ids(&shops.verify_as(&made.payload, &again)), ["fields_left_out"]);
}

/// With nothing beside the call, what is stored of the merchant says which ids may have been mixed up.
#[test]
fn a_providers_app_id_is_proven_from_what_is_stored() {
    let shops = Shops::open();
    let new = NewMerchant {
        name: "kiosk".into(),
        label: "kiosk".into(),
        environment: Environment::Live,
        mch_id: MchId::parse("1900000120").unwrap(),
        appid: AppId::parse("wx4444444444444444").unwrap(),
        sub_mch_id: Some(MchId::parse("1900000121").unwrap()),
        sub_appid: Some(AppId::parse("wx5555555555555555").unwrap()),
        hmac_sha256: false,
        notify_url: None,
        gateway_url: None,
        gateway_ca: None,
    };
    shops.console.add_merchant(new).unwrap();
    shops.console.set_key("kiosk", KeyKind::ApiV2, Secret::new(UNKNOWN.to_owned())).unwrap();
    let with = |appid: &'static str| -> Vec<(&str, &str)> {
        CALL.iter()
            .map(|(name, value)| if *name == "appId" { (*name, appid) } else { (*name, *value) })
            .collect()
    };
    let sign = md5(&format!("{}&key={UNKNOWN}", string(&with("wx4444444444444444"))));
    let shown: Vec<_> =
        with("wx5555555555555555").iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let view = shops.verify(&format!("{{{},\"paySign\":\"{sign}\"}}", shown.join(",")));
    assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["provider_ids"]), "{view:#?}");
    assert_eq!(view.merchant.as_deref(), Some("kiosk"));
}

/// A key given by hand says nothing of the digest that its merchant uses.
#[test]
fn it_is_said_where_only_the_length_tells_the_digest() {
    let shops = Shops::open();
    let wrong = xml(NOTICE, &md5(&format!("{}&key={BAKERY}\n", string(NOTICE))));
    let once = |hmac_sha256| Looking {
        key_once: Some(Secret::new(BAKERY.to_owned())),
        hmac_sha256,
        ..Looking::default()
    };
    let view = shops.verify_as(&wrong, &once(None));
    assert!(found(&view, "sign_type_by_length").unwrap().contains("MD5"), "{view:#?}");
    assert!(!has(&shops.verify_as(&wrong, &once(Some(false))), "sign_type_by_length"));
    assert!(!has(&shops.verify(&wrong), "sign_type_by_length"));
    let mut says = NOTICE.to_vec();
    says.push(("sign_type", "MD5"));
    let wrong = xml(&says, &md5(&format!("{}&key={BAKERY}\n", string(&says))));
    assert!(!has(&shops.verify_as(&wrong, &once(None)), "sign_type_by_length"));
}

/// Found by a stranger: a second call proved nothing of an order.
#[test]
fn another_call_beside_it_is_no_order() {
    let shops = Shops::open();
    let later: Vec<_> = CALL
        .iter()
        .map(|(name, value)| if *name == "timeStamp" { (*name, "1795241110") } else { (*name, *value) })
        .collect();
    let sign = md5(&format!("{}&key={BAKERY}", string(&later)));
    for beside in ["A".repeat(32), sign.clone()] {
        let beside = call(&beside).replace("1795241109", "1795241110").into_bytes();
        let looking = Looking { beside: Some(beside), reproduce: true, ..Looking::default() };
        let view = shops.verify_as(&call(&sign), &looking);
        assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["timestamp_changed"]), "{view:#?}");
    }
}

/// Found by a stranger: whoever signed was blamed for the quotes around the key in a file.
#[test]
fn quotes_around_the_key_given_are_not_blamed_on_the_signer() {
    let shops = Shops::open();
    for (before, behind) in [("\"", "\""), ("'", "'"), ("key=", ""), ("WXPAY_KEY=\"", "\"")] {
        let quoted = format!("{before}{UNKNOWN}{behind}");
        let looking = Looking { key_once: Some(Secret::new(quoted.clone())), ..Looking::default() };
        let notice = signed_with(NOTICE, UNKNOWN);
        let view = shops.verify_as(&notice, &looking);
        assert_eq!((view.verdict, has(&view, "key_in_quotes")), (Verdict::Valid, true), "{view:#?}");
        assert!(!has(&view, "key_not_32_bytes"));
        let line = shops
            .console
            .judge(&looking, Lang::En)
            .line(notice.as_bytes())
            .map(|seen| json(&seen).contains("key_in_quotes"));
        assert!(line.unwrap());
        let view = shops.verify_as(&signed_with(NOTICE, &quoted), &looking);
        assert_eq!(view.verdict, Verdict::Invalid, "{view:#?}");
        if before == behind {
            assert_eq!(ids(&view)[0], "key_whitespace", "{view:#?}");
        }
    }
}

/// Found by a stranger: an id with text behind it was called harmless.
#[test]
fn an_id_that_no_message_can_have_makes_it_ambiguous() {
    let shops = Shops::open();
    let forged: Vec<_> = NOTICE
        .iter()
        .map(|(name, value)| {
            if *name == "transaction_id" {
                (*name, format!("{value}&z=1"))
            } else {
                (*name, (*value).to_owned())
            }
        })
        .collect();
    let forged: Vec<(&str, &str)> = forged.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let view = shops.verify(&signed_with(&forged, BAKERY));
    assert_eq!((view.verdict, has(&view, "ambiguous")), (Verdict::Ambiguous, true), "{view:#?}");
    assert!(view.other_reading.iter().any(|field| field.name == "z"));
}

/// Found by a stranger: a program that signs milliseconds and sends seconds, or the reverse.
#[test]
fn a_timestamp_in_milliseconds_on_one_side_is_proven() {
    let shops = Shops::open();
    let looking = Looking { reproduce: true, ..Looking::default() };
    for (sent, signed) in [("1795241109", "1795241109000"), ("1795241109123", "1795241109")] {
        let pairs: Vec<_> = CALL
            .iter()
            .map(|(name, value)| if *name == "timeStamp" { (*name, signed) } else { (*name, *value) })
            .collect();
        let sign = md5(&format!("{}&key={BAKERY}", string(&pairs)));
        let view = shops.verify_as(&call(&sign).replace("1795241109", sent), &looking);
        assert_eq!((view.verdict, ids(&view)), (Verdict::Invalid, vec!["timestamp_changed"]), "{view:#?}");
        assert!(view.reproduction.is_some());
    }
}
