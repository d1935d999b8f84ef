-- Contacts: who a customer is, by his identities; and who takes part in a conversation.
local contacts

D.on_start(function()
  contacts = D.emptied(contacts)
end)

local function address(identity)
  return identity.kind .. ':' .. identity.value
end

-- The id of the contact whom an identity leads to.
function D.contact_of(identity)
  return D.map_get('id', address(identity))
end

function D.check_identity(identity, name)
  if type(identity) ~= 'table' or type(identity.kind) ~= 'string' or type(identity.value) ~= 'string' or
      identity.kind == '' or identity.value == '' then
    D.fail('invalid', name .. ' is no identity')
  end
end

-- One line an identity: "+email:a@b" (verified) or "-email:a@b".
local function identity_line(identity)
  return (identity.verified and '+' or '-') .. identity.kind .. ':' .. identity.value:gsub('\n', ' ')
end

function D.identities_of(text)
  local list = {}
  for line in (text or ''):gmatch('[^\n]+') do
    local sign, kind, value = line:match('^([+-])([^:]*):(.*)$')
    list[#list + 1] = {kind = kind, value = value, verified = sign == '+'}
  end
  return list
end

-- For the audit: an error says why he cannot be read.
function D.read_contact(id)
  local p = contacts[id]
  if p then return p end
  local packed = call('GET', P .. 'p:' .. id)
  if not packed then return nil end
  p = D.record({id = id}, packed)
  if type(p.rec) ~= 'table' then error('it is no record', 0) end
  contacts[id] = p
  return p
end

-- nil when there is none. Who cannot be read is nobody yet from here on, so that no customer is refused for it: what
-- stood in his place is kept, and the audit finds out who he was.
function D.find_contact(id)
  local read, p = pcall(D.read_contact, id)
  if read then return p end
  call('SADD', P .. 'suspect', 'contact:' .. id)
  D.clear_place('p:' .. id)
  p = D.empty_contact(id)
  p.remade = true
  return p
end

-- What of him was made anew in this call is known by the conversation at hand at once, and else by the audit.
function D.recognise(p, c)
  if not p.remade then return end
  p.remade = nil
  if not pcall(D.rejoin_contact, p, c) then call('SADD', P .. 'suspect', c.id) end
end

local function note(p, field, value)
  if p.rec[field] ~= value then
    p.rec[field] = value
    p.changed = true
  end
end

-- Adds an identity, or a verification to one he has.
local function add_identity(p, identity)
  local list, known = D.identities_of(p.ids), false
  for _, old in ipairs(list) do
    if old.kind == identity.kind and old.value == identity.value then
      known = true
      old.verified = old.verified or identity.verified
    end
  end
  if not known then list[#list + 1] = identity end
  local lines = {}
  for i = 1, min(#list, 50) do lines[i] = identity_line(list[i]) end
  note(p, 'ids', concat(lines, '\n'))
end

-- The contact of a sender: found by who he is on this channel or by an identity that is proven, else made with `id`.
-- What he merely claims is noted with him, and leads nobody to him.
function D.meet(id, sender, also, name, language)
  local owner = D.contact_of(sender)
  local found = owner
  for _, identity in ipairs(also) do
    if not found and identity.verified then
      found = D.contact_of(identity)
    end
  end
  local p = found and D.find_contact(found) or D.record({id = id}, nil, {})
  contacts[p.id] = p
  p.links = {}
  local function link(identity)
    add_identity(p, identity)
    p.links[#p.links + 1] = address(identity)
  end
  if not owner then link(sender) elseif sender.verified then add_identity(p, sender) end
  for _, identity in ipairs(also) do
    if identity.verified then link(identity) else add_identity(p, identity) end
  end
  if name and name ~= '' and not p.nm then note(p, 'nm', name) end
  if language and language ~= '' then note(p, 'lg', language) end
  return p
end

-- His newest conversation on a channel: what he continues there. `o` has those that a newer one on another channel
-- came after.
function D.newest_on(p, channel)
  local list = p.cv or {}
  local c = #list > 0 and D.find_readable(list[#list])
  if c and c.ch == channel then return c end
  local id = p.o and p.o[channel]
  return id and D.find_readable(id)
end

function D.joins_history(p, c)
  local list, others = p.cv or {}, p.o or {}
  local last = list[#list]
  if last == c.id then return end
  local before = last and D.find_readable(last)
  if before then others[before.ch] = last end
  others[c.ch] = nil
  list[#list + 1] = c.id
  if #list > 20 then table.remove(list, 1) end
  p.rec.cv, p.rec.o, p.rec.n, p.changed = list, D.some(others), (p.n or 0) + 1, true
end

-- Somebody of whom nothing is known; who he is comes back as the audit comes by his conversations.
function D.empty_contact(id)
  local p = D.record({id = id}, nil, {ids = '', rb = D.now})
  p.changed = true
  contacts[id] = p
  D.flush_contact(p)
  return p
end

-- Back to its place among the conversations of a contact whose record was made anew.
local function rejoin_history(p, c)
  local list, others, at = p.cv or {}, p.o or {}, {}
  for _, id in ipairs(list) do
    if id == c.id then return end
    at[id] = (D.find_readable(id) or c).cr
  end
  at[c.id] = c.cr
  list[#list + 1] = c.id
  table.sort(list, function(one, other)
    if at[one] ~= at[other] then return at[one] < at[other] end
    return one < other
  end)
  for _, id in ipairs(list) do
    local of = D.find_readable(id)
    if of then others[of.ch] = id end
  end
  local last = D.find_readable(list[#list])
  if last then others[last.ch] = nil end
  if #list > 20 then table.remove(list, 1) end
  p.rec.cv, p.rec.o, p.rec.n, p.changed = list, D.some(others), (p.n or 0) + 1, true
  if c.la and (c.at or c.cr) >= (p.lt or 0) then p.rec.la, p.rec.lt = c.la, c.at or c.cr end
end

-- Whether who was made anew is still to be recognised: for an hour, or until an audit that was told of him is through.
local function is_remade(p)
  return p.rb and (p.rb >= D.now - 3600000 or call('SISMEMBER', P .. 'suspect', 'contact:' .. p.id) == 1)
end

-- Who wrote, by one of his conversations, of whoever was made anew.
function D.rejoin_contact(p, c)
  if not is_remade(p) then return end
  for _, who in ipairs(D.participants(c)) do
    if not who.late and not who.answers then add_identity(p, who) end
  end
  local element = D.message(c, 1)
  local author = element and D.read_message(c, element, 1).author
  if not p.nm and author and author.kind == 'customer' then note(p, 'nm', author.name) end
  note(p, 'lg', p.lg or c.lg)
  rejoin_history(p, c)
  D.flush_contact(p)
end

-- Whom his conversations had as owner last.
function D.was_served(c, agent)
  local p = D.find_contact(c.ct)
  if not p then return end
  D.recognise(p, c)
  note(p, 'la', agent)
  note(p, 'lt', D.now)
  D.flush_contact(p)
end

function D.flush_contact(p)
  if p.changed then
    call('SET', P .. 'p:' .. p.id, cmsgpack.pack(p.rec))
    p.changed = nil
  end
  for _, text in ipairs(p.links or {}) do D.map_add('id', text, p.id) end
  p.links = nil
end

-- Participants are kept as identities are, one a line; other signs say "~" joined late, "=" answers go there.
local signs = {late = '~', answers = '='}

function D.first_participants(sender, reply_to)
  local lines = identity_line(sender)
  if not reply_to then return lines end
  return lines .. '\n' .. signs.answers .. reply_to.kind .. ':' .. reply_to.value:gsub('\n', ' ')
end

-- As a list of {kind, value, verified, late, answers}.
function D.participants(c)
  local list = {}
  for line in (D.fixed(c).who or ''):gmatch('[^\n]+') do
    local sign, kind, value = line:match('^(.)([^:]*):(.*)$')
    list[#list + 1] = {kind = kind, value = value, verified = sign == '+', late = sign == signs.late or nil,
      answers = sign == signs.answers or nil}
  end
  return list
end

-- As a member of a JSON object; '' when there are none.
function D.participants_json(c)
  local who = D.fixed(c).who
  return who and who ~= '' and '"participants":' .. cjson.encode(D.participants(c)) or ''
end

-- Who joined late, by a secret that was passed on, is written down and takes no part: nobody has vouched for him.
function D.takes_part(c, identity, contact)
  if contact and c.ct == contact then return true end
  for _, who in ipairs(D.participants(c)) do
    if not who.late and who.kind == identity.kind and who.value == identity.value then return true end
  end
  return false
end

local most_late = 50

function D.joins_late(c, identity)
  local late = 0
  for _, who in ipairs(D.participants(c)) do
    if who.kind == identity.kind and who.value == identity.value then return end
    if who.late then late = late + 1 end
  end
  if late >= most_late then return end
  local line = signs.late .. identity.kind .. ':' .. identity.value:gsub('\n', ' ')
  D.set_participants(c, c.who == '' and line or c.who .. '\n' .. line)
end

local most_tags = 50

-- A list of tags as text, sorted, each once, after `add` and `remove`.
function D.change_tags(text, args)
  local set, list = {}, {}
  for _, tag in ipairs(D.split(text)) do set[tag] = true end
  for _, tag in ipairs(args.add or {}) do
    if type(tag) ~= 'string' or tag == '' or #tag > 200 or tag:find('[,%c]') then
      D.fail('invalid', 'that is no tag')
    end
    set[tag] = true
  end
  for _, tag in ipairs(args.remove or {}) do set[tag] = nil end
  for tag in pairs(set) do list[#list + 1] = tag end
  if #list > most_tags then D.fail('invalid', 'more than ' .. most_tags .. ' tags') end
  table.sort(list)
  return concat(list, ',')
end

-- Whether the caller's rules look at tags and took the contact for one with others: it asks again, with these.
function D.other_tags(p, args)
  local tags = p.tg or ''
  if not args.by_tags or tags == (args.contact_tags or '') then return nil end
  return {contact_tags = D.some(D.split(tags)), reclassify = true}
end

-- Tags of a contact, or of a conversation. Returns them.
function D.tag_contact(p, args)
  local text = D.change_tags(p.tg, args)
  if text ~= (p.tg or '') then
    note(p, 'tg', text)
    D.emit('contact.tagged', nil, nil, {'contact', p.id})
    D.flush_contact(p)
  end
  return D.split(text)
end

function D.tag_conversation(c, args)
  local text = D.change_tags(concat(D.long(c).tags or {}, ','), args)
  local list = D.split(text)
  if text ~= concat(D.long(c).tags or {}, ',') then
    D.touch_long(c).tags = D.some(list)
    D.emit('conversation.tagged', c)
  end
  return list
end

function D.contact_view(p)
  return {id = p.id, name = p.nm, identities = D.some(D.identities_of(p.ids)), language = p.lg,
    count = p.n, conversations = D.some(p.cv), tags = D.some(D.split(p.tg)), merged_into = p.mi}
end
