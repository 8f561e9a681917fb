"""The ticket API (docs/contract.md §3): 開單, 查詢, 推單 and the security code, at the product's root."""
