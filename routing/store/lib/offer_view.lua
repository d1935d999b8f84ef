-- What an agent sees of an offer: read when he asks, and given along with the reply of the call that made it.

local function history(p, c)
  local ids, list = p and p.cv or {}, {}
  for i = #ids, 1, -1 do
    local old = ids[i] ~= c.id and #list < 3 and D.find_readable(ids[i])
    if old then list[#list + 1] = D.conversation_json(old) end
  end
  return list
end

-- The oldest message of the customer without an answer, else his last.
local function preview(c)
  if c.n == 1 and c.newest then return D.newest_json(c) end
  local found, found_body
  D.each_message(c, c.n, -1, function(element, seq)
    local head, body = D.read_message(c, element, seq)
    if head.direction == 'in' then
      if found and not (c.us and head.at >= c.us) then return true end
      found, found_body = head, body
    end
    return seq <= c.n - 19
  end)
  return found and D.join_message(found, found_body)
end

local function deadline(o)
  if o.ends then return o.ends end
  local at = tonumber(call('ZSCORE', P .. 'timers:fast', 'o|' .. o.id))
  return at and at + D.offset
end

local function add(parts, ...)
  local n, more = #parts, {...}
  for i = 1, #more do parts[n + i] = more[i] end
end

-- Adds its JSON to `parts`: offer, conversation, contact, history, history_count, preview_message. Texts of a kilobyte
-- and more: joined once, by the caller, not at each step.
local function add_offer(parts, o)
  local c = D.conversation(o.c)
  local p = c.ct and D.find_contact(c.ct)
  if p then D.recognise(p, c) end
  local shown = cjson.encode({offer = o.id, agent = o.a, conversation = c.id, state = o.st, made_at = o.at,
    expires_at = deadline(o)})
  add(parts, '{"offer":', shown)
  if o.dec then
    parts[#parts] = shown:sub(1, -2)
    add(parts, ',"decision":', o.dec, '}')
  end
  add(parts, ',"conversation":', D.conversation_json(c))
  if p then add(parts, ',"contact":', cjson.encode(D.contact_view(p))) end
  local old, last = history(p, c), preview(c)
  if #old > 0 then add(parts, ',"history":[', concat(old, ','), ']') end
  add(parts, ',"history_count":', D.text(max(0, (p and p.n or 1) - 1)))
  if last then add(parts, ',"preview_message":', last) end
  add(parts, '}')
end

function D.offer_view(o)
  local parts = {}
  add_offer(parts, o)
  return concat(parts)
end

-- Adds the offers that this call made and that still stand, as a list behind the text `before`; nothing when there are
-- none.
function D.show_offers(parts, before)
  local first = #parts
  for _, made in ipairs(D.made) do
    local o = D.find_offer(made.offer)
    if o.st == 'live' then
      add(parts, #parts == first and before or ',')
      add_offer(parts, o)
    end
  end
  if #parts > first then add(parts, ']') end
end
