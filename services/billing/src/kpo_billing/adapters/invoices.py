"""How invoices and their number series are stored."""

from kpo_billing.domain.invoice import Invoice, InvoiceSeries, InvoiceStatus
from kpo_chassis.documents import documents

invoices = documents(
    Invoice, name="invoice", collection="invoices", status=lambda _invoice: InvoiceStatus.ISSUED
)

invoice_series = documents(InvoiceSeries, name="invoice_series", collection="invoice_series")
