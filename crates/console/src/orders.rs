//! Orders: made, asked about, closed, listed, and the second signature.

use crate::args::{NewOrder, OrderRef, PayParamsFor, PaymentQuery, Way};
use crate::console::Console;
use crate::desk::{Desk, query_error};
use crate::error::{Code, ConsoleError, Result};
use crate::merchants::Merchant;
use crate::qr::qr;
use crate::view::{OrderCreated, PayParamsView, PayView, PaymentList, PaymentView};
use crate::words::Words;
use crate::{learn, shape};
use domain::{Fen, OperationKind, OutTradeNo, TradeType};
use ledger::{NewPayment, Operation as Row, Payment, PaymentFilter};
use serde_json::{Map, Value};
use wxpay::api::detail::Detail;
use wxpay::api::scene::{H5Scene, Scene};
use wxpay::api::unified_order::{self, Extra, Payer, Trade, UnifiedOrder};
use wxpay::api::{self, CloseOrder, OrderQuery};
use wxpay::client::CallError;
use wxpay::pay_params::{self, CallStyle, PayParamsError, Seller};

/// How many rows a list has unless told otherwise.
pub(crate) const PAGE: usize = 50;

/// The calls a JSAPI page or a mini program can be given.
const STYLES: [(&str, CallStyle); 3] = [
    ("requestPayment", CallStyle::RequestPayment),
    ("getBrandWCPayRequest", CallStyle::Bridge),
    ("chooseWXPay", CallStyle::ChooseWxPay),
];

impl From<PayParamsError> for ConsoleError {
    fn from(error: PayParamsError) -> Self {
        let field = match &error {
            PayParamsError::NoSubAppid => "sub_appid",
            PayParamsError::Clock { .. } => "timeStamp",
            PayParamsError::Url { field } => field,
            PayParamsError::HasRedirect => "mweb_url",
            PayParamsError::ProductId => "product_id",
        };
        Self::new(Code::InvalidField).with("field", field).saying("detail", &error)
    }
}

impl Console {
    /// Makes an order and gives what the payer's side needs. The same number with the same content again is
    /// the same order: it is made once.
    ///
    /// # Errors
    /// `invalid_field`, `ambiguous_order`, `number_used` before anything is sent; `refused`;
    /// `outcome_unknown`, and then it is asked about until it is known.
    pub async fn create_order(&self, merchant: Option<&str>, new: NewOrder) -> Result<OrderCreated> {
        let desk = self.desk(merchant, false)?;
        desk.catch_up().await;
        let now = desk.now();
        let out_trade_no =
            new.out_trade_no.clone().unwrap_or_else(|| domain::new_out_trade_no(&*self.entropy, now));
        let expires = new.expires_in_secs.map(|secs| now.plus_millis(secs.saturating_mul(1000)));
        let life = match new.expires_in_secs {
            Some(secs) => {
                let start = self.gateway_now(&desk.merchant);
                Some((start, start.plus_millis(secs.saturating_mul(1000))))
            }
            None => None,
        };
        let notify_url = new.notify_url.clone().or_else(|| desk.merchant.notify_url.clone());
        let notify_url = notify_url.ok_or_else(|| {
            ConsoleError::new(Code::InvalidField)
                .with("field", "notify_url")
                .saying("detail", Words::new("detail.merchant.no_notify_url"))
        })?;
        crate::admin::check_notify_url(&notify_url)?;
        let order = UnifiedOrder {
            out_trade_no: out_trade_no.clone(),
            body: new.body.clone(),
            total_fee: new.total,
            notify_url,
            spbill_create_ip: new.spbill_create_ip.clone().unwrap_or_else(|| "127.0.0.1".into()),
            trade: trade(&new.way, &out_trade_no)?,
            extra: Extra {
                device_info: new.device_info.clone(),
                detail: new.detail.clone().map(Detail::Raw),
                attach: new.attach.clone(),
                fee_type: Some(new.currency.clone()).filter(|currency| currency != "CNY"),
                // Both, so that the gap between them is ours and not that of two clocks.
                time_start: life.map(|(start, _)| start.civil()),
                time_expire: life.map(|(_, end)| end.civil()),
                goods_tag: new.goods_tag.clone(),
                no_credit: new.no_credit,
                scene: new.scene_info.clone().map(Scene::Raw),
                ..Extra::default()
            },
        };
        let prepared = desk.client.prepare(&order)?;
        let mut intent = desk.operation(
            &prepared,
            OperationKind::UnifiedOrder,
            out_trade_no.clone(),
            new.total,
            &new.currency,
        );
        intent.payment = Some(desk.new_payment(&new, expires));
        let learn =
            |done: &wxpay::Done<unified_order::Reply>| learn::ordered(&desk.merchant, &out_trade_no, done);
        desk.perform(&prepared, intent, learn).await?;
        let payment = desk.row(&out_trade_no)?;
        // A crash, or a query that settled it, leaves an order without what it is paid with. The gateway gives
        // the same or a renewed prepay_id to the identical request.
        let payment = if payment.prepay_id.is_none() && payment.state.is_open() {
            desk.renew_prepay(&out_trade_no).await?
        } else {
            payment
        };
        let pay = desk.pay_view(&payment)?;
        Ok(OrderCreated { payment: desk.payment_view(&payment)?, pay })
    }

    /// Asks WeChat Pay about an order and writes down what it says.
    ///
    /// # Errors
    /// `refused` (`ORDERNOTEXIST`), `no_answer`, `not_sent`. The ledger keeps what it knew.
    pub async fn query_order(&self, merchant: Option<&str>, order: OrderRef) -> Result<PaymentView> {
        let desk = self.desk(merchant, false)?;
        let (reference, asked, number) = match &order {
            OrderRef::OutTradeNo(number) => {
                (api::OrderRef::from(number.clone()), Some(number), number.to_string())
            }
            OrderRef::TransactionId(number) => {
                (api::OrderRef::from(number.clone()), None, number.to_string())
            }
        };
        // Kept with the order's own exchanges, whatever is answered.
        let known = asked.map(|number| desk.ledger.payment(&desk.merchant.name, number)).transpose()?;
        let about = known.flatten().and_then(|payment| payment.operation_id);
        let (result, exchange) = desk.question(&OrderQuery::new(reference), about.as_ref()).await?;
        let now = desk.now();
        match result {
            Ok(done) => {
                let payment = learn::queried(&desk.merchant, &done.reply, asked, done.at);
                let what = ledger::Conclusion { exchange, payment, ..ledger::Conclusion::default() };
                let concluded = desk.conclude(&what, now)?;
                let row = concluded.payment.ok_or_else(|| {
                    ConsoleError::new(Code::NoAnswer).saying("why", Words::new("detail.reply.no_number"))
                })?;
                desk.payment_view(&row)
            }
            Err(error) => {
                if let Some(exchange) = exchange {
                    desk.ledger.record_exchange(&exchange, now)?;
                }
                Err(query_error(&error, "order_query", &number))
            }
        }
    }

    /// Closes an unpaid order. Asking again for the same order is harmless.
    ///
    /// # Errors
    /// `refused` (`ORDERPAID`: then it is paid and cannot be closed), `outcome_unknown`.
    pub async fn close_order(
        &self,
        merchant: Option<&str>,
        out_trade_no: &OutTradeNo,
    ) -> Result<PaymentView> {
        let desk = self.desk(merchant, false)?;
        desk.catch_up().await;
        let prepared = desk.client.prepare(&CloseOrder { out_trade_no: out_trade_no.clone() })?;
        let intent =
            desk.operation(&prepared, OperationKind::CloseOrder, out_trade_no.clone(), Fen::ZERO, "CNY");
        desk.perform(&prepared, intent, |done| learn::closed(&desk.merchant, out_trade_no, done.at)).await?;
        let row = desk.row(out_trade_no)?;
        desk.payment_view(&row)
    }

    /// Payments, newest first.
    ///
    /// # Errors
    /// Those of opening the ledger.
    pub fn payments(&self, merchant: Option<&str>, query: &PaymentQuery) -> Result<PaymentList> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let limit = query.limit.unwrap_or(PAGE);
        let mut filter = filter(&merchant, query);
        filter.limit = Some(u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX));
        let rows = ledger.payments(&filter)?;
        let more = rows.len() > limit;
        let payments = rows.iter().take(limit).map(|row| view_of(&ledger, &merchant, row));
        Ok(PaymentList { payments: payments.collect::<Result<_>>()?, more })
    }

    /// One payment as the ledger has it; nobody is asked.
    ///
    /// # Errors
    /// `unknown_payment`.
    pub fn payment(&self, merchant: Option<&str>, out_trade_no: &OutTradeNo) -> Result<PaymentView> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let row = ledger
            .payment(&merchant.name, out_trade_no)?
            .ok_or_else(|| ConsoleError::new(Code::UnknownPayment).with("out_trade_no", out_trade_no))?;
        view_of(&ledger, &merchant, &row)
    }

    /// Only the second signature, for a prepay_id from elsewhere; or the signed link in a static QR code.
    ///
    /// # Errors
    /// `invalid_field`; `key_missing` and `keychain_*`.
    pub fn pay_params(&self, merchant: Option<&str>, what: &PayParamsFor) -> Result<PayParamsView> {
        let merchant = self.pick(merchant)?;
        let signing = |merchant: &Merchant| -> Result<_> {
            let kind = match merchant.hmac_sha256 {
                true => wxpay::SignType::HmacSha256,
                false => wxpay::SignType::Md5,
            };
            Ok((self.api_key(merchant)?, kind))
        };
        match what {
            PayParamsFor::Jsapi { prepay_id } => {
                let (key, kind) = signing(&merchant)?;
                let payer = payer_of(&merchant);
                let params = pay_params::jsapi(
                    &seller(&merchant),
                    payer,
                    prepay_id,
                    &key,
                    kind,
                    self.now(),
                    &*self.entropy,
                )?;
                Ok(PayParamsView {
                    kind: "jsapi".into(),
                    params: object(&params.json(CallStyle::Bridge)),
                    string_to_sign: Some(wxpay::sign::masked_string(&params.signed_fields())),
                    calls: STYLES
                        .iter()
                        .map(|(name, style)| ((*name).to_owned(), params.call(*style)))
                        .collect(),
                    qr: None,
                })
            }
            PayParamsFor::App { prepay_id } => {
                let (key, kind) = signing(&merchant)?;
                let params =
                    pay_params::app(&seller(&merchant), prepay_id, &key, kind, self.now(), &*self.entropy)?;
                Ok(PayParamsView {
                    kind: "app".into(),
                    params: object(&params.json()),
                    string_to_sign: Some(wxpay::sign::masked_string(&params.signed_fields())),
                    calls: Vec::new(),
                    qr: None,
                })
            }
            PayParamsFor::H5 { mweb_url, redirect_url } => {
                let url = pay_params::h5_url(mweb_url, redirect_url.as_deref())?;
                let params = Map::from_iter([("mweb_url".to_owned(), Value::from(url))]);
                Ok(PayParamsView {
                    kind: "h5".into(),
                    params,
                    string_to_sign: None,
                    calls: Vec::new(),
                    qr: None,
                })
            }
            PayParamsFor::Native { product_id } => {
                let (key, _) = signing(&merchant)?;
                let (seller, entropy) = (seller(&merchant), &*self.entropy);
                let link = pay_params::native_link(&seller, product_id, &key, self.now(), entropy)?;
                let qr = qr(&link);
                let params = Map::from_iter([("code_url".to_owned(), Value::from(link))]);
                let kind = "native".into();
                Ok(PayParamsView { kind, params, string_to_sign: None, calls: Vec::new(), qr })
            }
        }
    }
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}

fn seller(merchant: &Merchant) -> Seller<'_> {
    Seller {
        appid: &merchant.appid,
        mch_id: &merchant.mch_id,
        sub_appid: merchant.sub_appid.as_ref(),
        sub_mch_id: merchant.sub_mch_id.as_ref(),
    }
}

/// Without an order at hand: a sub-merchant's own appid means that its front end runs under it.
fn payer_of(merchant: &Merchant) -> pay_params::Payer {
    if merchant.sub_appid.is_some() { pay_params::Payer::OfSubAppid } else { pay_params::Payer::OfAppid }
}

fn trade(way: &Way, out_trade_no: &OutTradeNo) -> Result<Trade> {
    let missing = |field: &str, why: &'static str| {
        Err(ConsoleError::new(Code::InvalidField).with("field", field).saying("detail", Words::new(why)))
    };
    Ok(match way {
        Way::Native { product_id } => {
            Trade::Native { product_id: product_id.clone().unwrap_or_else(|| out_trade_no.to_string()) }
        }
        Way::Jsapi { openid: Some(openid), sub_openid: None } => {
            Trade::Jsapi { payer: Payer::OpenId(openid.clone()) }
        }
        Way::Jsapi { openid: None, sub_openid: Some(openid) } => {
            Trade::Jsapi { payer: Payer::SubOpenId(openid.clone()) }
        }
        Way::Jsapi { openid: None, .. } => {
            return missing("openid", "detail.order.needs_openid");
        }
        Way::Jsapi { .. } => return missing("openid", "detail.order.one_openid"),
        Way::App => Trade::App,
        Way::H5 { wap_url, wap_name } => {
            Trade::H5 { scene: H5Scene::Wap { wap_url: wap_url.clone(), wap_name: wap_name.clone() } }
        }
    })
}

pub(crate) fn filter(merchant: &Merchant, query: &PaymentQuery) -> PaymentFilter {
    PaymentFilter {
        merchant: Some(merchant.name.clone()),
        states: query.states.clone(),
        trade_types: query.trade_types.clone(),
        from: query.from,
        to: query.to,
        text: query.text.clone(),
        limit: query.limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
        before: None,
    }
}

/// What can still be refunded: what was paid, less every refund that happened or still may.
pub(crate) fn refundable(ledger: &ledger::Ledger, row: &Payment) -> Result<Fen> {
    if !row.state.was_paid() {
        return Ok(Fen::ZERO);
    }
    let refunds = ledger.refunds_of(&row.merchant, &row.out_trade_no)?;
    let known = |operation: &Row| {
        refunds.iter().any(|refund| Some(&refund.out_refund_no) == operation.out_refund_no.as_ref())
    };
    let pending = ledger.operations_of(&row.merchant, &row.out_trade_no)?;
    let pending = pending.iter().filter(|operation| {
        operation.kind == OperationKind::Refund && operation.state.is_unresolved() && !known(operation)
    });
    let gone = refunds.iter().filter(|refund| refund.state.counts()).map(|refund| refund.amount);
    let taken = Fen::checked_sum(gone.chain(pending.map(|operation| operation.amount)));
    let left = taken.and_then(|taken| row.total.unwrap_or(Fen::ZERO).checked_sub(taken));
    Ok(left.unwrap_or(Fen::ZERO).max(Fen::ZERO))
}

pub(crate) fn view_of(ledger: &ledger::Ledger, merchant: &Merchant, row: &Payment) -> Result<PaymentView> {
    let evidences = ledger.evidences(&row.merchant, &row.out_trade_no)?;
    let unresolved: Vec<_> = ledger
        .operations_of(&row.merchant, &row.out_trade_no)?
        .into_iter()
        .filter(|operation| operation.state.is_unresolved())
        .collect();
    Ok(shape::payment(merchant, row, &evidences, refundable(ledger, row)?, &unresolved))
}

impl Desk<'_> {
    pub(crate) fn row(&self, out_trade_no: &OutTradeNo) -> Result<Payment> {
        self.ledger
            .payment(&self.merchant.name, out_trade_no)?
            .ok_or_else(|| ConsoleError::new(Code::UnknownPayment).with("out_trade_no", out_trade_no))
    }

    pub(crate) fn payment_view(&self, row: &Payment) -> Result<PaymentView> {
        view_of(&self.ledger, &self.merchant, row)
    }

    fn new_payment(&self, new: &NewOrder, expires: Option<domain::Timestamp>) -> NewPayment {
        let (trade_type, openid, sub_openid) = match &new.way {
            Way::Native { .. } => (TradeType::Native, None, None),
            Way::Jsapi { openid, sub_openid } => (TradeType::Jsapi, openid.clone(), sub_openid.clone()),
            Way::App => (TradeType::App, None, None),
            Way::H5 { .. } => (TradeType::H5, None, None),
        };
        NewPayment {
            appid: self.merchant.appid.clone(),
            sub_mch_id: self.merchant.sub_mch_id.clone(),
            sub_appid: self.merchant.sub_appid.clone(),
            sub_openid,
            trade_type,
            body: new.body.clone(),
            attach: new.attach.clone(),
            openid,
            expires,
        }
    }

    /// Sends the identical request of an order that is known to exist, for its prepay_id.
    async fn renew_prepay(&self, out_trade_no: &OutTradeNo) -> Result<Payment> {
        let kind = OperationKind::UnifiedOrder;
        let row = self.ledger.operation_by_number(&self.merchant.name, kind, out_trade_no.as_str())?;
        let row =
            row.ok_or_else(|| ConsoleError::new(Code::UnknownPayment).with("out_trade_no", out_trade_no))?;
        let mut exchanges = Vec::new();
        let result = self
            .client
            .resend::<UnifiedOrder>(&row.request_params, &mut |exchange| exchanges.push(exchange.clone()))
            .await;
        let now = self.now();
        for exchange in &exchanges {
            let stored = crate::desk::stored(exchange, &self.merchant.name, Some(&row.id));
            self.ledger.record_exchange(&stored, now)?;
        }
        match result {
            Ok(done) => {
                if let Some(seen) = learn::ordered(&self.merchant, out_trade_no, &done).payment {
                    self.ledger.observe_payment(&seen, now)?;
                }
                self.row(out_trade_no)
            }
            // Paid or closed meanwhile: nothing to pay with is needed any more.
            Err(CallError::Rejected(_)) => self.row(out_trade_no),
            // The order is there; "nothing was sent" would be said of it and not of this question.
            Err(error @ CallError::NotSent(_)) => {
                Err(ConsoleError::new(Code::NoAnswer).saying("why", &error))
            }
            Err(error) => Err(query_error(&error, "unified_order", out_trade_no.as_str())),
        }
    }

    fn pay_view(&self, row: &Payment) -> Result<PayView> {
        let mut pay = PayView {
            prepay_id: row.prepay_id.as_ref().map(ToString::to_string),
            code_url: row.code_url.clone(),
            qr: row.code_url.as_deref().and_then(qr),
            mweb_url: row.mweb_url.clone(),
            ..PayView::default()
        };
        let Some(prepay_id) = &row.prepay_id else { return Ok(pay) };
        let profile = &self.client.profile;
        let (key, kind) = (&profile.key, profile.sign_type);
        let clock = (self.now(), &*self.console.entropy);
        match row.trade_type {
            Some(TradeType::Jsapi) => {
                let payer = match row.sub_openid {
                    Some(_) => pay_params::Payer::OfSubAppid,
                    None => pay_params::Payer::OfAppid,
                };
                let seller = seller(&self.merchant);
                let params = pay_params::jsapi(&seller, payer, prepay_id, key, kind, clock.0, clock.1)?;
                pay.params = Some(object(&params.json(CallStyle::Bridge)));
                pay.calls =
                    STYLES.iter().map(|(name, style)| ((*name).to_owned(), params.call(*style))).collect();
            }
            Some(TradeType::App) => {
                let params =
                    pay_params::app(&seller(&self.merchant), prepay_id, key, kind, clock.0, clock.1)?;
                pay.params = Some(object(&params.json()));
            }
            _ => {}
        }
        Ok(pay)
    }
}
