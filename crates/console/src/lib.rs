//! Paydesk, headless: merchants, payments, refunds, notices, verification.
