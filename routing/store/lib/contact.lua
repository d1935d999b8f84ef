-- Contacts: who a customer is, by his identities; and who takes part in a conversation.
local contacts

D.on_start(function()
  contacts = {}
end)

function D.identity_key(identity)
  return P .. 'id:' .. identity.kind .. ':' .. identity.value
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

function D.find_contact(id)
  local p = contacts[id]
  if p then return p end
  local flat = call('HGETALL', P .. 'p:' .. id)
  if #flat == 0 then return nil end
  p = {id = id, dirty = {}}
  for i = 1, #flat, 2 do p[flat[i]] = flat[i + 1] end
  contacts[id] = p
  return p
end

local function note(p, field, value)
  if p[field] ~= value then
    p[field] = value
    p.dirty[field] = true
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
  local owner = call('GET', D.identity_key(sender))
  local found = owner
  for _, identity in ipairs(also) do
    if not found and identity.verified then
      found = call('GET', D.identity_key(identity))
    end
  end
  local p = found and D.find_contact(found) or {id = id, dirty = {}, fresh = true}
  contacts[p.id] = p
  p.links = {}
  local function link(identity)
    add_identity(p, identity)
    p.links[#p.links + 1] = D.identity_key(identity)
  end
  if not owner then link(sender) elseif sender.verified then add_identity(p, sender) end
  for _, identity in ipairs(also) do
    if identity.verified then link(identity) else add_identity(p, identity) end
  end
  if name and name ~= '' and not p.nm then note(p, 'nm', name) end
  if language and language ~= '' then note(p, 'lg', language) end
  return p
end

-- A conversation of his on a channel: the newest is what he continues there.
function D.joins_history(p, c)
  local list = D.split(p.cv)
  for _, id in ipairs(list) do
    if id == c.id then return end
  end
  list[#list + 1] = c.id
  while #list > 20 do table.remove(list, 1) end
  note(p, 'cv', concat(list, ','))
  note(p, 'n', (tonumber(p.n) or 0) + 1)
  note(p, 'o:' .. c.ch, c.id)
end

function D.flush_contact(p)
  local flat = {}
  for field in pairs(p.dirty) do
    flat[#flat + 1] = field
    flat[#flat + 1] = p[field]
  end
  if #flat > 0 then call('HSET', P .. 'p:' .. p.id, unpack(flat)) end
  for _, key in ipairs(p.links or {}) do call('SET', key, p.id, 'NX') end
  p.dirty, p.links = {}, nil
end

-- Who joined late, by a secret that was passed on, is written down and takes no part: nobody has vouched for him.
function D.takes_part(c, identity, contact)
  if contact and c.ct == contact then return true end
  for _, who in ipairs(D.long(c).participants or {}) do
    if not who.late and who.kind == identity.kind and who.value == identity.value then return true end
  end
  return false
end

local most_late = 50

function D.joins_late(c, identity)
  local late = 0
  for _, who in ipairs(D.long(c).participants or {}) do
    if who.kind == identity.kind and who.value == identity.value then return end
    if who.late then late = late + 1 end
  end
  if late >= most_late then return end
  local long = D.touch_long(c)
  long.participants = long.participants or {}
  table.insert(long.participants, {kind = identity.kind, value = identity.value, verified = false, late = true})
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
    count = tonumber(p.n), conversations = D.some(D.split(p.cv)), tags = D.some(D.split(p.tg)), merged_into = p.mi}
end
