# tiny.pl <address> <token> <text>: HTTP::Tiny, which comes with Perl.
use strict; use warnings; use utf8; use open qw(:std :utf8);
use Encode; use HTTP::Tiny; use JSON::PP;
my ($address, $token, $text) = map { decode("UTF-8", $_) } @ARGV;
my ($api, $title, $json) = ("$address/apaas/api/v2/form_entities", "text_1691116775689_fb4558", JSON::PP->new->canonical->utf8);
my $http = HTTP::Tiny->new(timeout => 60);
my $one = {name => "id", op => "in", value => [11, 30]};
sub ask {
  my ($method, $path, $body) = @_;
  my $headers = {"ACCESS-TOKEN" => $token, "Content-Type" => "application/json"};
  return $http->request($method, $api . $path, {headers => $headers, $body ? (content => $json->encode($body)) : ()});
}
sub data { return $json->decode(ask(@_)->{content}) }
my $query = $http->www_form_urlencode({custom_form_id => 2, filters => $json->encode([$one]), "sort[][id]" => "desc", only_field_names => ["id", $title]});
my $listed = data("GET", "?$query");
my $found = data("PUT", "", {custom_form_id => 2, search_column_name => $title, query => $text, filters => $one});
my $id = data("POST", "", {custom_form_id => 2, form_entity => {$title => "泵 &=+%"}, only_field_names => ["id"]})->{data}{id};
data("PUT", "/$id", {custom_form_id => 2, form_entity => {float_1692266369741_23c9a8 => 0.1}});
data("POST", "/transfer", {custom_form_id => 2, ids => [$id], to_user_uid => 2});
my $path = "$api/$id?custom_form_id=2&only_field_names[]=$title&only_field_names[]=user";
my $read = $json->decode($http->get($path, {headers => {Authorization => "Bearer $token"}})->{content});
data("DELETE", "/mass_destroy", {custom_form_id => 2, ids => [$id]});
my $gone = ask("GET", "/$id?custom_form_id=2")->{status} + 0;
my $refused = $http->get("$api?custom_form_id=2")->{status} + 0;
print JSON::PP->new->encode({listed => $listed, found => $found, read => $read, gone => $gone, refused => $refused});
