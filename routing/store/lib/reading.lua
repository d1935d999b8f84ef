-- Helpers of the scripts that only read.

function D.json_list(name, list)
  if #list == 0 then return '' end
  return '"' .. name .. '":[' .. concat(list, ',') .. ']'
end

-- `{…}` of the members that are not empty.
function D.json_object(...)
  local parts = {}
  for _, part in ipairs({...}) do
    if part ~= '' then parts[#parts + 1] = part end
  end
  return '{' .. concat(parts, ',') .. '}'
end

function D.json_member(name, json)
  return json and '"' .. name .. '":' .. json or ''
end

-- Messages of c from seq `from` on, forward (`step` 1) or back (-1), until `visit(element, seq)` says to stop. As many
-- are fetched at once as make a quarter of a megabyte, going by those before: some have a megabyte each.
function D.each_message(c, from, step, visit)
  local size, bytes, count = 1, 0, 0
  while from >= 1 and from <= (c.n or 0) do
    local to = max(1, min(c.n, from + step * (size - 1)))
    local list = D.messages(c, min(from, to), max(from, to))
    for i = 1, #list do
      local element = list[step > 0 and i or #list + 1 - i]
      if visit(element, from + step * (i - 1)) then return end
      bytes, count = bytes + #element, count + 1
    end
    if count == 0 then return end
    from, size = to + step, max(1, min(100, floor(262144 * count / bytes)))
  end
end

local page_bytes = 2097152

-- Those that `keep` (absent: all), as JSON, oldest first, and whether there are further ones: at most `limit`, and no
-- more bytes than a reply should have, but one at least.
function D.page(c, from, step, limit, keep)
  local list, bytes, more = {}, 0, false
  D.each_message(c, from, step, function(element, seq)
    if keep and not keep(element) then return false end
    bytes = bytes + #element
    more = #list == limit or #list > 0 and bytes > page_bytes
    if not more then list[#list + 1] = D.message_json(c, element, seq) end
    return more
  end)
  if step < 0 then
    for i = 1, floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
  end
  return list, more
end
