"""Makes a real PDF of any size, so that deliverables are what they say they are."""

import zlib

PAGE_BYTES = 64 * 1024
FONTS = b"/Resources << /Font << /F1 5 0 R >> >>"


def a_pdf(title: str, size_bytes: int) -> bytes:
    """Write a valid PDF 1.7 of about `size_bytes`: one page of text and an attached stream of data."""
    text = f"BT /F1 24 Tf 72 720 Td ({title}) Tj ET".encode()
    filler = bytes((index * 2_654_435_761 >> 11) & 0xFF for index in range(PAGE_BYTES))
    data = filler * max(1, size_bytes // PAGE_BYTES)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % FONTS,
        _stream(b"", text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _stream(b"/Type /EmbeddedFile /Subtype /text#2Fcsv ", data),
        _stream(b"/Filter /FlateDecode ", zlib.compress(text)),
    ]
    return _assemble(objects)


def _stream(attributes: bytes, data: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (attributes, len(data), data)


def _assemble(objects: list[bytes]) -> bytes:
    parts, offsets, position = [b"%PDF-1.7\n"], [], 9
    for number, body in enumerate(objects, start=1):
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        offsets.append(position)
        position += len(part)
        parts.append(part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, position))
    return b"".join(parts)
