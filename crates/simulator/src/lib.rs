//! A stateful simulated WeChat Pay with faults and its own clock.
