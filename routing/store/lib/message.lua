-- Messages: as they are kept, and as they are shown.

local said_by = {['in'] = 'customer', system = 'system', out = 'agent', note = 'agent'}

-- A message as it is kept: what goes without saying (its author's kind, his id when he is its contact, the
-- conversation's channel, `stored`) is false. `asks`: by when a customer's message asks for an answer, where the record
-- says it of an earlier one; false: it asks for none.
local function pack_message(c, m, body, asks)
  local author, channel = m.author, m.channel
  return cmsgpack.pack({m.id, m.direction, m.at - c.cr, author.kind ~= said_by[m.direction] and author.kind or false,
    author.id and (author.id == c.ct or author.id) or false, author.name or false, author.verified or false,
    channel and (channel == c.ch or channel) or false, m.state ~= 'stored' and m.state or false,
    m.external_id or false, m.detail or false, body, asks and asks - c.cr or asks})
end

-- A kept message as the fields of its head, and its body. `seq`: its place, from 1.
function D.read_message(c, element, seq)
  local m = cmsgpack.unpack(element)
  local id, channel = m[5], m[8]
  if id == true then id = c.ct end
  if channel == true then channel = c.ch end
  local author = {kind = m[4] or said_by[m[2]], id = id or nil, name = m[6] or nil, verified = m[7]}
  return {id = m[1], seq = seq, at = m[3] + c.cr, direction = m[2], author = author, channel = channel or nil,
    state = m[9] or 'stored', external_id = m[10] or nil, detail = m[11] or nil}, m[12]
end

-- Its id, its direction and its state alone.
function D.glance(element)
  local m = cmsgpack.unpack(element)
  return m[1], m[2], m[9] or 'stored'
end

-- Its id, when it was stored, whether it asks for an answer, and by when, where it says so itself.
function D.question(c, element)
  local m = cmsgpack.unpack(element)
  return m[1], m[3] + c.cr, m[2] == 'in' and m[13] ~= false, m[13] and m[13] + c.cr or nil
end

-- Appends a message; `fields` goes into its head.
function D.append(c, fields, body, asks)
  D.set(c, 'n', (c.n or 0) + 1)
  D.set(c, 'at', D.now)
  fields.seq, fields.at = c.n, D.now
  c.newest, c.newest_body = fields, body
  c.unwritten[#c.unwritten + 1] = pack_message(c, fields, body, asks)
end

-- What was appended last, as JSON.
function D.newest_json(c)
  return D.join_message(c.newest, c.newest_body)
end

function D.join_message(head, body)
  return cjson.encode(head):sub(1, -2) .. ',"body":' .. body .. '}'
end

function D.message_json(c, element, seq)
  return D.join_message(D.read_message(c, element, seq))
end

-- A kept message; false when it has none such.
function D.message(c, seq)
  return call('LINDEX', D.conversation_key(c.id), seq + 1)
end

-- Kept messages, the first one's seq being `from`.
function D.messages(c, from, to)
  return call('LRANGE', D.conversation_key(c.id), from + 1, to + 1)
end

-- For the audit: nothing is left of what was said here.
function D.lose_message(c, seq)
  D.rewrite_message(c, seq, {id = format('m_lost_%s_%d', c.id, seq), direction = 'note', at = c.at or c.cr,
    author = {kind = 'system'}, state = 'stored'}, '{"text":"(lost)"}')
end

function D.rewrite_message(c, seq, head, body)
  call('LSET', D.conversation_key(c.id), seq + 1, pack_message(c, head, body))
end

-- Message `seq` of a conversation as JSON.
function D.message_at(id, seq)
  local c = D.find(id)
  local element = c and D.message(c, seq)
  return element and D.message_json(c, element, seq)
end
