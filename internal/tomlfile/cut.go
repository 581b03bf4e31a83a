package tomlfile

import "strings"

// Cut takes a table, with all tables inside it, out of a text and returns what is left and what was taken. Both have
// empty lines where the other has text, so that lines keep their numbers in both.
//
// It serves files in which a table has the name of a plain key, as in
//
//	[node]
//	metrics = "/metrics"
//	[node.metrics]
//	records = { series = "records" }
//
// which people read without a thought and TOML forbids.
func Cut(raw []byte, table Path) (rest, taken []byte) {
	text := strings.TrimPrefix(string(raw), byteOrderMark)
	headers := scan(text).headers
	var left, cut strings.Builder
	left.Write(raw[:len(raw)-len(text)])
	write := func(part string, into, other *strings.Builder) {
		into.WriteString(part)
		other.WriteString(strings.Repeat("\n", strings.Count(part, "\n")))
	}
	end := len(text)
	if len(headers) > 0 {
		end = headers[0].offset
	}
	write(text[:end], &left, &cut)
	for i, h := range headers {
		end := len(text)
		if i+1 < len(headers) {
			end = headers[i+1].offset
		}
		if h.path.Within(table) {
			write(text[h.offset:end], &cut, &left)
		} else {
			write(text[h.offset:end], &left, &cut)
		}
	}
	return []byte(left.String()), []byte(cut.String())
}
